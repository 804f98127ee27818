package meeting

import "github.com/cmscdr/cmscdrreceiver/internal/cmd/cmssim/wire"

// never stands for the second of an event that does not happen.
const never = -1

// leg is a call leg. Its seconds count from the start of the meeting.
type leg struct {
	device    device
	start     wire.CallLegStart
	namesCall bool // the start record names the call

	startsAt  int
	ivrAt     int // when it reaches the IVR, or never
	joinsAt   int // when it joins the call, or never
	leavesAt  int
	continued bool // another leg of the participant continues it

	lobbyChanges []int // when a leg that joins in the lobby leaves it, returns to it, and so on; empty for other legs
	repeats      []int // when an update repeats the values of earlier records

	reason         string
	remoteTeardown bool
	shortEnd       bool // the end record has only the id, reason, remoteTeardown and duration
	alarms         []wire.Alarm
	confirmation   string // confirmationStatus of the later records, empty if no confirmation was required
}

// connected reports whether the leg reaches the IVR or the call.
func (l *leg) connected() bool { return l.joinsAt != never || l.ivrAt != never }

// report adds the records of the leg. call is the id of the call that it names or joins.
func (l *leg) report(s *script, bridge int, call string) {
	start := l.start
	if l.namesCall {
		start.Call = call
	}
	s.report(bridge, l.startsAt, start)
	if l.ivrAt != never {
		s.report(bridge, l.ivrAt, wire.CallLegUpdate{
			ID: start.ID, State: "connected", IVR: true, SIPCallID: start.SIPCallID, GroupID: start.GroupID,
		})
	}
	if l.joinsAt != never {
		l.reportStay(s, bridge, call)
	}
	if l.connected() {
		s.report(bridge, l.leavesAt, wire.CallLegUpdate{
			ID: start.ID, RemoteAddress: start.RemoteAddress, SIPCallID: start.SIPCallID, GroupID: start.GroupID,
		})
	}
	s.report(bridge, l.leavesAt, l.endRecord(s))
}

// reportStay adds the updates between joining and leaving the call.
func (l *leg) reportStay(s *script, bridge int, call string) {
	update := wire.CallLegUpdate{
		ID: l.start.ID, State: "connected", Call: call, SIPCallID: l.start.SIPCallID, GroupID: l.start.GroupID,
		Deactivated: wire.Bool(len(l.lobbyChanges) > 0), ConfirmationStatus: l.confirmation,
	}
	s.report(bridge, l.joinsAt, update)
	for i, second := range l.lobbyChanges {
		update.Deactivated = wire.Bool(i%2 == 1)
		s.report(bridge, second, update)
	}
	update.DisplayName, update.RemoteAddress = l.start.DisplayName, l.start.RemoteAddress
	update.CDRTag, update.CanMove = l.start.CDRTag, l.start.CanMove
	for _, second := range l.repeats {
		if second < l.joinsAt || second > l.leavesAt {
			continue // the second was chosen before the leg was delayed or shortened
		}
		update.Deactivated = wire.Bool(l.inLobby(second))
		s.report(bridge, second, update)
	}
}

// inLobby reports whether the leg is in the lobby at a second.
func (l *leg) inLobby(second int) bool {
	inLobby := len(l.lobbyChanges) > 0
	for _, change := range l.lobbyChanges {
		if second >= change {
			inLobby = !inLobby
		}
	}
	return inLobby
}

// endRecord returns the callLegEnd record.
func (l *leg) endRecord(s *script) wire.CallLegEnd {
	end := wire.CallLegEnd{
		ID: l.start.ID, Reason: l.reason, RemoteTeardown: wire.Bool(l.remoteTeardown), DurationSeconds: l.leavesAt - l.startsAt,
	}
	if l.shortEnd {
		return end
	}
	end.CDRTag, end.SIPCallID, end.OwnerID = l.start.CDRTag, l.start.SIPCallID, l.start.OwnerID
	end.ConfirmationStatus = l.confirmation
	if l.remoteTeardown {
		end.ReasonDetails = "SIP call"
		if l.device.legType == "acano" {
			end.ReasonDetails = "WebRTC call"
		}
	}
	if l.joinsAt != never {
		end.ActivatedDuration = new(l.activeSeconds())
		end.Alarms = l.alarms
		s.addMedia(l, &end)
	}
	return end
}

// activeSeconds returns the time of the leg in the call, without the lobby.
func (l *leg) activeSeconds() int {
	total, since, inLobby := 0, l.joinsAt, len(l.lobbyChanges) > 0
	for _, change := range append(l.lobbyChanges[:len(l.lobbyChanges):len(l.lobbyChanges)], l.leavesAt) {
		if !inLobby {
			total += change - since
		}
		since, inLobby = change, !inLobby
	}
	return total
}
