package cdr

import "strings"

// guideSpelling returns the guide's spelling of a field name that differs from it only
// in case. It returns any other name unchanged. It does not allocate.
func guideSpelling(name string) string {
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
	if spelling, ok := fieldNames[string(lower[:len(name)])]; ok {
		return spelling
	}
	return name
}

// fieldNames maps field names in lower case to the guide's spelling. id is not among them,
// because Record.fill reads it.
var fieldNames = func() map[string]string {
	all := map[string]string{}
	for _, name := range []string{
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
