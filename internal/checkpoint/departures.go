package checkpoint

import (
	"context"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/cmscdr/cmscdrreceiver/internal/meeting"
)

// departuresKey is the key of the departures of calls of removed sessions. Each is from a
// meeting that continued when a session was last removed.
const departuresKey = "departures"

type savedDeparture struct {
	_           struct{} `cbor:",toarray"`
	Key         string
	Trace       []byte
	Start, End  uint64
	EndsMeeting bool
}

// DeparturesOperation returns the operation that saves the departures of removed sessions,
// or deletes the value if there are none.
func DeparturesOperation(departures []meeting.Departure) (*storage.Operation, error) {
	if len(departures) == 0 {
		return storage.DeleteOperation(departuresKey), nil
	}
	value, err := encode(saveDepartures(departures))
	return storage.SetOperation(departuresKey, value), err
}

// LoadDepartures returns the departures of calls of removed sessions. If their value cannot
// be read, it returns one Unreadable instead. It returns an error only if the storage does.
func LoadDepartures(ctx context.Context, client storage.Client) ([]meeting.Departure, []*Unreadable, error) {
	value, err := client.Get(ctx, departuresKey)
	if err != nil || value == nil {
		return nil, nil, err
	}
	departures, err := decodeDepartures(value)
	if err != nil {
		return nil, []*Unreadable{{Key: departuresKey, Err: err}}, nil
	}
	return departures, nil, nil
}

func decodeDepartures(value []byte) ([]meeting.Departure, error) {
	var saved []savedDeparture
	if _, err := decode(value, &saved, &saved); err != nil {
		return nil, err
	}
	return loadDepartures(saved)
}

func saveDepartures(departures []meeting.Departure) (saved []savedDeparture) {
	for _, d := range departures {
		saved = append(saved, savedDeparture{
			Key: d.Key, Trace: d.Trace[:], Start: uint64(d.Start), End: uint64(d.End), EndsMeeting: d.EndsMeeting,
		})
	}
	return saved
}

// loadDepartures decodes the result of saveDepartures. It returns an error if a trace id has
// the wrong length.
func loadDepartures(saved []savedDeparture) (departures []meeting.Departure, _ error) {
	for _, d := range saved {
		trace, err := traceID(d.Trace)
		if err != nil {
			return nil, err
		}
		departures = append(departures, meeting.Departure{
			Shared: true, EndsMeeting: d.EndsMeeting, Key: d.Key, Trace: trace, Start: pcommon.Timestamp(d.Start), End: pcommon.Timestamp(d.End),
		})
	}
	return departures, nil
}
