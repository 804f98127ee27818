package cdr

// Call is what a record contains about a call (guide, chapter 4, callStart).
type Call struct {
	// Name is usually that of the coSpace.
	Name string
	// CoSpace is a GUID; absent for an ad hoc call.
	CoSpace string
	// OwnerName is the coSpace's meetingScheduler, else the name of its owner.
	OwnerName string
	// Tenant is a GUID.
	Tenant string
	CDRTag string
	// CallType is coSpace, adHoc, lyncConferencing or forwarding.
	CallType string
	// Correlator is a GUID that the calls of one meeting share on all Call Bridges.
	// It is constant for the life of a coSpace.
	Correlator string
	// CoSpaceMetaDataConfigured exists since release 3.2.
	CoSpaceMetaDataConfigured Optional[bool]
}

// CallStart reports that a call was created, or that the first participant joined a
// coSpace.
type CallStart struct{ Call }

// CallEnd reports that a call ended, usually after the end of its last leg.
type CallEnd struct {
	Call
	LegsCompleted Optional[int64]
	// LegsMaxActive is the highest number of legs at the same time.
	LegsMaxActive Optional[int64]
	// DurationSeconds is in seconds.
	DurationSeconds Optional[int64]
	// EndpointRecorded is true if an endpoint, such as a Skype client, recorded the
	// call.
	EndpointRecorded Optional[bool]
}

func (c *Call) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "name":
		return setText(&c.Name, n)
	case "coSpace":
		return setGUID(&c.CoSpace, n)
	case "ownerName":
		return setText(&c.OwnerName, n)
	case "tenant":
		return setGUID(&c.Tenant, n)
	case "cdrTag":
		return setText(&c.CDRTag, n)
	case "callType":
		return setWord(&c.CallType, n)
	case "callCorrelator":
		return setGUID(&c.Correlator, n)
	case "coSpaceMetaDataConfigured":
		return setBool(&c.CoSpaceMetaDataConfigured, n)
	}
	return false
}

func (c *CallEnd) set(name string, n *Node, below []Node) bool {
	switch name {
	case "callLegsCompleted":
		return setInt(&c.LegsCompleted, n)
	case "callLegsMaxActive":
		return setInt(&c.LegsMaxActive, n)
	case "durationSeconds":
		return setInt(&c.DurationSeconds, n)
	case "endpointRecorded":
		return setBool(&c.EndpointRecorded, n)
	}
	return c.Call.set(name, n, below)
}
