package wire

// CallStart is the record of a call that was created.
type CallStart struct {
	ID                        string
	Name                      string
	CoSpace                   string
	OwnerName                 string
	Tenant                    string
	CDRTag                    string
	CallType                  string
	CallCorrelator            string
	CoSpaceMetaDataConfigured Flag
}

// Type returns callStart.
func (CallStart) Type() string { return "callStart" }

func (c CallStart) write(w *writer) {
	w.open("call", c.ID)
	w.text("name", c.Name)
	w.text("coSpace", c.CoSpace)
	w.text("ownerName", c.OwnerName)
	w.text("tenant", c.Tenant)
	w.text("cdrTag", c.CDRTag)
	w.text("callType", c.CallType)
	w.text("callCorrelator", c.CallCorrelator)
	w.flag("coSpaceMetaDataConfigured", c.CoSpaceMetaDataConfigured)
	w.close("call")
}

// CallEnd is the record of a call that ended. It usually follows the end of the last leg.
type CallEnd struct {
	ID                string
	CallLegsCompleted int
	CallLegsMaxActive int
	DurationSeconds   int
	EndpointRecorded  Flag
}

// Type returns callEnd.
func (CallEnd) Type() string { return "callEnd" }

func (c CallEnd) write(w *writer) {
	w.open("call", c.ID)
	w.number("callLegsCompleted", c.CallLegsCompleted)
	w.number("callLegsMaxActive", c.CallLegsMaxActive)
	w.number("durationSeconds", c.DurationSeconds)
	w.flag("endpointRecorded", c.EndpointRecorded)
	w.close("call")
}
