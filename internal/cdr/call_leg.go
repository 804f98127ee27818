package cdr

// CallLeg is what any record says of a call leg (guide, chapter 3,
// callLegStart). Updates repeat current values: what is present is merged.
type CallLeg struct {
	// DisplayName is what the endpoint, the user or a web guest calls itself.
	DisplayName string
	// LocalAddress is the address called of an incoming leg, the caller id of
	// an outgoing one.
	LocalAddress string
	// RemoteAddress is a SIP URI: where from, or where to.
	RemoteAddress string
	// RemoteParty is the dial transform's output, perhaps without a domain.
	RemoteParty string
	CDRTag      string
	// GuestConnection: a WebRTC guest.
	GuestConnection Optional[bool]
	// Recording and Streaming: the leg records or streams the call.
	Recording, Streaming Optional[bool]
	// Type is sip or acano (Cisco Meeting App and WebRTC).
	Type string
	// SubType is lync, avaya, lyncdistribution, webApp or distributionLink.
	SubType string
	// LyncSubType is audioVideo, applicationSharing or instantMessaging.
	LyncSubType string
	// Direction is incoming or outgoing, seen from Meeting Server.
	Direction string
	// Call is the GUID of the call the leg is in.
	Call string
	// OwnerID is given by a managing system and means something only to it.
	OwnerID string
	// SIPCallID is the Call-ID of SIP, ReplacesSIPCallID that of the call it replaces.
	SIPCallID, ReplacesSIPCallID string
	// GroupID links the video and the presentation leg of a Lync presenter.
	GroupID string
	// CanMove: the participant can be moved by the API.
	CanMove Optional[bool]
	// MovedCallLeg is the GUID of the leg that the participant was moved from,
	// MovedCallLegCallBridge that of the Call Bridge where its meeting was.
	MovedCallLeg, MovedCallLegCallBridge string
	// ConfirmationStatus is required, notRequired, confirmed or rejected.
	ConfirmationStatus string
}

// CallLegStart says that a leg was created.
type CallLegStart struct {
	CallLeg
	// IVR: the leg is in the voice menu, in no call.
	IVR bool
}

// Connected is the only state that the guide lists.
const Connected = "connected"

// CallLegUpdate says that something of a leg changed.
type CallLegUpdate struct {
	CallLeg
	// State is connected or absent. Its absence disconnects nothing: just
	// before its end a connected leg gets an update without it.
	State string
	// Deactivated: the leg waits in the lobby for an activator.
	Deactivated Optional[bool]
	// IVR: the leg is in the voice menu, in no call.
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
		// Of other states nothing follows: they stay unknown.
		return setWord(&u.State, n) && (u.State == Connected || u.State == "")
	case "deactivated":
		return setBool(&u.Deactivated, n)
	case "ivr":
		u.IVR = true // its presence counts, not its content
		return true
	}
	return u.CallLeg.set(name, n, below)
}
