package cdr

import "strings"

// spelled returns the guide's spelling of a name that differs only in case, else the
// name itself. It does not allocate.
func spelled(name string) string {
	var lower [32]byte
	if len(name) > len(lower) {
		return name
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	if known, ok := fieldNames[string(lower[:len(name)])]; ok {
		return known
	}
	return name
}

// fieldNames has the guide's names of fields by their lower case.
var fieldNames = func() map[string]string {
	all := map[string]string{}
	for _, name := range []string{
		"id",
		"name", "coSpace", "ownerName", "tenant", "cdrTag", "callType", "callCorrelator", "coSpaceMetaDataConfigured",
		"callLegsCompleted", "callLegsMaxActive", "durationSeconds", "endpointRecorded",
		"displayName", "localAddress", "remoteAddress", "remoteParty", "guestConnection", "recording", "streaming", "type",
		"subType", "lyncSubType", "direction", "call", "ownerId", "sipCallId", "replacesSipCallId", "groupId", "canMove",
		"movedCallLeg", "movedCallLegCallBridge", "confirmationStatus", "state", "deactivated", "ivr",
		"reason", "remoteTeardown", "reasonDetails", "encryptedMedia", "unencryptedMedia", "activatedDuration",
		"mediaUsagePercentages", "mainVideoViewer", "mainVideoContributor", "presentationViewer", "presentationContributor",
		"multistreamVideo", "maxScreens", "alarm", "durationPercentage",
		"rxAudio", "txAudio", "rxVideo", "txVideo", "codec", "maxSizeWidth", "maxSizeHeight", "packetStatistics",
		"packetLossBursts", "packetGap", "duration", "density",
		"callLeg", "path", "recorderUri", "recorderUrl", "streamerUri", "streamerUrl", "streamUri", "streamUrl", "streamName",
	} {
		all[strings.ToLower(name)] = name
	}
	return all
}()
