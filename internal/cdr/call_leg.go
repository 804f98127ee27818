package cdr

// CallLeg has the fields that the guide lists for callLegStart (chapter 4). They are read
// in every record of a leg, although the guide lists only some of them for callLegUpdate
// and callLegEnd. Updates repeat the current values.
type CallLeg struct {
	// DisplayName is the name that the endpoint, the user or a web guest uses.
	DisplayName string
	// LocalAddress is the called address of an incoming leg, and the caller id of an
	// outgoing one.
	LocalAddress string
	// RemoteAddress is the SIP URI of the caller for an incoming leg, and the called SIP
	// URI for an outgoing one.
	RemoteAddress string
	// RemoteParty is the result of the dial transforms, possibly without a domain.
	RemoteParty string
	CDRTag      string
	// GuestConnection is true for a WebRTC guest.
	GuestConnection Optional[bool]
	// Recording is true if the leg records the call, Streaming if it streams the call.
	Recording, Streaming Optional[bool]
	// Type is sip or acano (Cisco Meeting App and WebRTC).
	Type string
	// SubType is lync, avaya, lyncdistribution, webApp or distributionLink.
	SubType string
	// LyncSubType is audioVideo, applicationSharing or instantMessaging.
	LyncSubType string
	// Direction is incoming or outgoing, as Meeting Server sees it.
	Direction string
	// Call is the GUID of the leg's call.
	Call string
	// OwnerID is set by a managing system and has a meaning only there.
	OwnerID string
	// SIPCallID is the SIP Call-ID of the leg, ReplacesSIPCallID that of the dialog that
	// the leg replaces.
	SIPCallID, ReplacesSIPCallID string
	// GroupID links the video and the presentation leg of a Lync presenter.
	GroupID string
	// CanMove is true if the API can move the participant.
	CanMove Optional[bool]
	// MovedCallLeg is the GUID of the leg from which the participant was moved,
	// MovedCallLegCallBridge that of the Call Bridge that hosted it.
	MovedCallLeg, MovedCallLegCallBridge string
	// ConfirmationStatus is required, notRequired, confirmed or rejected.
	ConfirmationStatus string
}

// CallLegStart reports that a leg was created.
type CallLegStart struct {
	CallLeg
	// IVR is set if the leg is in the voice menu and in no call.
	IVR bool
}

// Connected is the only state that the guide lists.
const Connected = "connected"

// CallLegUpdate reports that a leg changed.
type CallLegUpdate struct {
	CallLeg
	// State is connected, empty if it is absent, or a text that the guide does not
	// list and that has no meaning here. An absent state does not disconnect the leg:
	// a connected leg gets an update without a state shortly before its end.
	State string
	// Deactivated is true if the leg waits in the lobby for an activator.
	Deactivated Optional[bool]
	// IVR is set if the leg is in the voice menu and in no call.
	IVR bool
}

func (l *CallLeg) set(name string, n *Node, _ []Node) bool {
	switch name {
	case "displayName":
		return setText(&l.DisplayName, n)
	case "localAddress":
		return setWord(&l.LocalAddress, n)
	case "remoteAddress":
		return setWord(&l.RemoteAddress, n)
	case "remoteParty":
		return setWord(&l.RemoteParty, n)
	case "cdrTag":
		return setText(&l.CDRTag, n)
	case "guestConnection":
		return setBool(&l.GuestConnection, n)
	case "recording":
		return setBool(&l.Recording, n)
	case "streaming":
		return setBool(&l.Streaming, n)
	case "type":
		return setWord(&l.Type, n)
	case "subType":
		return setWord(&l.SubType, n)
	case "lyncSubType":
		return setWord(&l.LyncSubType, n)
	case "direction":
		return setWord(&l.Direction, n)
	case "call":
		return setGUID(&l.Call, n)
	case "ownerId":
		return setWord(&l.OwnerID, n)
	case "sipCallId":
		return setWord(&l.SIPCallID, n)
	case "replacesSipCallId":
		return setWord(&l.ReplacesSIPCallID, n)
	case "groupId":
		return setGUID(&l.GroupID, n)
	case "canMove":
		return setBool(&l.CanMove, n)
	case "movedCallLeg":
		return setGUID(&l.MovedCallLeg, n)
	case "movedCallLegCallBridge":
		return setGUID(&l.MovedCallLegCallBridge, n)
	case "confirmationStatus":
		return setWord(&l.ConfirmationStatus, n)
	}
	return false
}

func (s *CallLegStart) set(name string, n *Node, below []Node) bool {
	if name == "ivr" {
		s.IVR = true // its presence counts, not its content
		return true
	}
	return s.CallLeg.set(name, n, below)
}

func (u *CallLegUpdate) set(name string, n *Node, below []Node) bool {
	switch name {
	case "state":
		// The node of another state stays unknown.
		return setWord(&u.State, n) && (u.State == Connected || u.State == "")
	case "deactivated":
		return setBool(&u.Deactivated, n)
	case "ivr":
		u.IVR = true // its presence counts, not its content
		return true
	}
	return u.CallLeg.set(name, n, below)
}
