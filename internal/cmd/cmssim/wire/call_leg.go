package wire

// CallLegStart is the record of a new leg. Call is empty if the leg has no call yet.
type CallLegStart struct {
	ID                     string
	DisplayName            string
	LocalAddress           string
	RemoteAddress          string
	RemoteParty            string
	CDRTag                 string
	GuestConnection        Flag
	Recording              Flag
	Streaming              Flag
	LegType                string
	SubType                string
	LyncSubType            string
	Direction              string
	Call                   string
	OwnerID                string
	SIPCallID              string
	GroupID                string
	ReplacesSIPCallID      string
	CanMove                Flag
	MovedCallLeg           string
	MovedCallLegCallBridge string
	ConfirmationStatus     string
}

// Type returns callLegStart.
func (CallLegStart) Type() string { return "callLegStart" }

func (l CallLegStart) write(w *writer) {
	w.open("callLeg", l.ID)
	w.text("displayName", l.DisplayName)
	w.text("localAddress", l.LocalAddress)
	w.text("remoteAddress", l.RemoteAddress)
	w.text("remoteParty", l.RemoteParty)
	w.text("cdrTag", l.CDRTag)
	w.flag("guestConnection", l.GuestConnection)
	w.flag("recording", l.Recording)
	w.flag("streaming", l.Streaming)
	w.text("type", l.LegType)
	w.text("subType", l.SubType)
	w.text("lyncSubType", l.LyncSubType)
	w.text("direction", l.Direction)
	w.text("call", l.Call)
	w.text("ownerId", l.OwnerID)
	w.text("sipCallId", l.SIPCallID)
	w.text("groupId", l.GroupID)
	w.text("replacesSipCallId", l.ReplacesSIPCallID)
	w.flag("canMove", l.CanMove)
	w.text("movedCallLeg", l.MovedCallLeg)
	w.text("movedCallLegCallBridge", l.MovedCallLegCallBridge)
	w.text("confirmationStatus", l.ConfirmationStatus)
	w.close("callLeg")
}

// CallLegUpdate is the record of the state of a leg. It can repeat values of earlier records.
type CallLegUpdate struct {
	ID                 string
	CDRTag             string
	State              string
	Deactivated        Flag
	RemoteAddress      string
	Call               string
	IVR                bool // an ivr element instead of Call
	OwnerID            string
	SIPCallID          string
	GroupID            string
	DisplayName        string
	CanMove            Flag
	ConfirmationStatus string
}

// Type returns callLegUpdate.
func (CallLegUpdate) Type() string { return "callLegUpdate" }

func (l CallLegUpdate) write(w *writer) {
	w.open("callLeg", l.ID)
	w.text("cdrTag", l.CDRTag)
	w.text("state", l.State)
	w.flag("deactivated", l.Deactivated)
	w.text("remoteAddress", l.RemoteAddress)
	if l.IVR {
		w.raw("<ivr/>")
	} else {
		w.text("call", l.Call)
	}
	w.text("ownerId", l.OwnerID)
	w.text("sipCallId", l.SIPCallID)
	w.text("groupId", l.GroupID)
	w.text("displayName", l.DisplayName)
	w.flag("canMove", l.CanMove)
	w.text("confirmationStatus", l.ConfirmationStatus)
	w.close("callLeg")
}
