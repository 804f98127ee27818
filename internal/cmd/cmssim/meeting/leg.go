package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// never is the second at which something does not happen.
const never = -1

// leg is one participant's, or device's, way through a meeting. Its seconds count from the meeting's start.
type leg struct {
	device                   device
	start                    wire.CallLegStart
	knowsCall                bool // its callLegStart names the call
	began, ivr, joined, left int
	lobby                    []int // from joining in turns: waiting until, active until, …
	refreshes                []int // when a record repeats what is known anyway
	reason                   string
	remote                   bool // the far end hung up
	bare                     bool // the end tells no more than why, who and how long
	alarms                   []wire.Alarm
	confirmation             string // the confirmation's outcome, empty if none was asked for
}

// connected says whether the leg ever came further than knocking.
func (l *leg) connected() bool { return l.joined != never || l.ivr != never }

// tell reports the leg; call is the one that it joins.
func (l *leg) tell(s *script, bridge int, call string) {
	start := l.start
	if l.knowsCall {
		start.Call = call
	}
	s.tell(bridge, l.began, start)
	if l.ivr != never {
		s.tell(bridge, l.ivr, wire.CallLegUpdate{
			ID: start.ID, State: "connected", IVR: true, SIPCallID: start.SIPCallID, GroupID: start.GroupID,
		})
	}
	if l.joined != never {
		l.tellStay(s, bridge, call)
	}
	if l.connected() {
		s.tell(bridge, l.left, wire.CallLegUpdate{
			ID: start.ID, RemoteAddress: start.RemoteAddress, SIPCallID: start.SIPCallID, GroupID: start.GroupID,
		})
	}
	s.tell(bridge, l.left, l.end(s))
}

// tellStay reports what happens between joining and leaving.
func (l *leg) tellStay(s *script, bridge int, call string) {
	now := wire.CallLegUpdate{
		ID: l.start.ID, State: "connected", Call: call, SIPCallID: l.start.SIPCallID, GroupID: l.start.GroupID,
		Deactivated: wire.Bool(len(l.lobby) > 0), ConfirmationStatus: l.confirmation,
	}
	s.tell(bridge, l.joined, now)
	for i, second := range l.lobby {
		now.Deactivated = wire.Bool(i%2 == 1)
		s.tell(bridge, second, now)
	}
	now.DisplayName, now.RemoteAddress = l.start.DisplayName, l.start.RemoteAddress
	now.CDRTag, now.CanMove = l.start.CDRTag, l.start.CanMove
	for _, second := range l.refreshes {
		if second < l.joined || second > l.left {
			continue // drawn before the stay was cut short
		}
		now.Deactivated = wire.Bool(l.waiting(second))
		s.tell(bridge, second, now)
	}
}

// waiting says whether the leg is in the lobby at a second.
func (l *leg) waiting(second int) bool {
	waiting := len(l.lobby) > 0
	for _, change := range l.lobby {
		if second >= change {
			waiting = !waiting
		}
	}
	return waiting
}

// end is the leg's last record.
func (l *leg) end(s *script) wire.CallLegEnd {
	end := wire.CallLegEnd{
		ID: l.start.ID, Reason: l.reason, RemoteTeardown: wire.Bool(l.remote), DurationSeconds: l.left - l.began,
	}
	if l.bare {
		return end
	}
	end.CDRTag, end.SIPCallID, end.OwnerID = l.start.CDRTag, l.start.SIPCallID, l.start.OwnerID
	end.ConfirmationStatus = l.confirmation
	if l.remote {
		end.ReasonDetails = "SIP call"
		if l.device.legType == "acano" {
			end.ReasonDetails = "WebRTC call"
		}
	}
	if l.joined != never {
		end.ActivatedDuration = new(l.active())
		end.Alarms = l.alarms
		s.media(l, &end)
	}
	return end
}

// active is how long the leg was in its call and not in the lobby.
func (l *leg) active() int {
	total, since, waiting := 0, l.joined, len(l.lobby) > 0
	for _, change := range append(l.lobby[:len(l.lobby):len(l.lobby)], l.left) {
		if !waiting {
			total += change - since
		}
		since, waiting = change, !waiting
	}
	return total
}
