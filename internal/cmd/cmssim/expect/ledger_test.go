package expect

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"
)

func TestClass(t *testing.T) {
	for want, leg := range map[string]wire.CallLegStart{
		"incoming/sip/-/participant":                 {Direction: "incoming", LegType: "sip", Recording: wire.False},
		"outgoing/sip/-/recorder":                    {Direction: "outgoing", LegType: "sip", Recording: wire.True},
		"outgoing/sip/-/streamer":                    {Direction: "outgoing", LegType: "sip", Streaming: wire.True},
		"incoming/acano/webApp/participant":          {Direction: "incoming", LegType: "acano", SubType: "webApp"},
		"incoming/sip/lync/sharing":                  {Direction: "incoming", LegType: "sip", SubType: "lync", LyncSubType: "applicationSharing"},
		"incoming/sip/lync/messaging":                {Direction: "incoming", LegType: "sip", SubType: "lync", LyncSubType: "instantMessaging"},
		"outgoing/sip/distributionLink/distribution": {Direction: "outgoing", LegType: "sip", SubType: "distributionLink"},
		"-/-/-/participant":                          {},
		"incoming/sip/lync/participant":              {Direction: "incoming", LegType: "sip", SubType: "lync", LyncSubType: "audioVideo"},
		"incoming/sip/lyncdistribution/distribution": {Direction: "incoming", LegType: "sip", SubType: "lyncdistribution"},
	} {
		assert.Equal(t, want, class(leg))
	}
}

func TestOutcome(t *testing.T) {
	for reason, want := range map[string]string{
		wire.CallMoved: "completed", wire.RemoteTeardown: "completed", wire.UnknownDestination: "not_joined",
		wire.RingingTimeout: "not_joined", wire.DNSFailure: "failed", wire.Timeout: "failed", "solarFlare": "unknown",
	} {
		assert.Equal(t, want, Outcome(reason), reason)
	}
}

// acknowledge adds records to a session. A nil record is lost, all others are acknowledged.
func acknowledge(s *Session, bodies ...wire.Body) {
	for i, body := range bodies {
		if body == nil {
			s.Lost()
			continue
		}
		s.Reported()
		s.Acknowledged(i, body)
	}
}

func TestCounts(t *testing.T) {
	l := NewLedger()
	acknowledge(
		l.NewSession(0),
		wire.CallStart{ID: "c1", CallType: "adHoc"},
		wire.CallLegStart{ID: "l1", Direction: "incoming", LegType: "sip"},
		wire.CallLegEnd{
			ID: "l1", Reason: wire.Error, DurationSeconds: 30, ActivatedDuration: new(20),
			Alarms: []wire.Alarm{{Type: "packetLoss", DurationPercentage: 0.1}, {Type: "excessiveJitter"}},
		},
		wire.CallLegEnd{ID: "never started", Reason: wire.CallEnded, DurationSeconds: 1},
		wire.RecordingStart{ID: "r"}, wire.RecordingEnd{ID: "r"}, wire.RecordingStart{ID: "r2"},
		wire.StreamingStart{ID: "s"}, wire.StreamingEnd{ID: "s"}, wire.StreamingStart{ID: "s2"},
		wire.CallEnd{ID: "c1", DurationSeconds: 40},
		wire.CallEnd{ID: "never started", DurationSeconds: 2},
		wire.CallStart{ID: "c2"},
	)
	c := l.Counts()
	assert.Equal(t, map[string]int{"adHoc": 1, "-": 1}, c.Calls.Started)
	assert.Equal(t, map[string]int{"adHoc": 1, "-": 1}, c.Calls.Ended)
	assert.Equal(t, map[string]int{"incoming/sip/-/participant": 1}, c.CallLegs.Started)
	assert.Equal(t, map[string]int{"incoming/sip/-/participant": 1, "-/-/-/-": 1}, c.CallLegs.Ended)
	assert.Equal(t, map[string]int{"failed": 1, "completed": 1}, c.CallLegs.Outcomes)
	assert.Equal(t, 31, c.CallLegs.Seconds)
	assert.Equal(t, 20, c.CallLegs.ActivatedSeconds)
	assert.Equal(t, map[string]int{"packetLoss": 1}, c.Alarms)
	assert.Equal(t, Captures{Started: 2, Ended: 1}, c.Recordings)
	assert.Equal(t, Captures{Started: 2, Ended: 1}, c.Streamings)
	assert.Equal(t, Open{Calls: map[string]int{"-": 1}, CallLegs: map[string]int{}, Recordings: 1, Streamings: 1}, c.Open)
	assert.Equal(t, []string{"c1", "never started"}, c.EndedCalls)
}

func TestMissing(t *testing.T) {
	record := wire.CallStart{ID: "c"}
	l := NewLedger()
	s := l.NewSession(0)
	acknowledge(s, nil, nil, record, nil, record, nil)
	s.Reported() // a record that is not acknowledged
	c := l.Counts()
	assert.Equal(t, 3, c.Missing)
	assert.Equal(t, 1, c.MissingUndetected)
	assert.Equal(t, 2, c.Acknowledged)
	assert.Equal(t, 1, c.Unacknowledged)
}

func TestRestarts(t *testing.T) {
	l := NewLedger()
	acknowledge(l.NewSession(0), wire.CallStart{ID: "c1", CallType: "coSpace"})
	acknowledge(l.NewSession(0), nil)
	acknowledge(l.NewSession(0), wire.CallLegStart{ID: "l"})
	acknowledge(l.NewSession(1), wire.CallStart{ID: "c2", CallType: "adHoc"})
	acknowledge(l.NewSession(1), nil)
	c := l.Counts()
	assert.Equal(t, 3, c.Sessions)
	assert.Equal(t, 1, c.Restarts)
	assert.Equal(t, 2, c.MissingUndetected)
	assert.Equal(t, map[string]int{"coSpace": 1}, c.Interrupted.Calls)
	assert.Equal(t, map[string]int{"adHoc": 1}, c.Open.Calls)
	assert.Equal(t, map[string]int{"-/-/-/participant": 1}, c.Open.CallLegs)
}
