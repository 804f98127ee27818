package wire

// The reasons of legs that were in a call and ended without a failure.
const (
	APIInitiatedTeardown    = "apiInitiatedTeardown"
	CallDeactivated         = "callDeactivated"
	CallEnded               = "callEnded"
	CallMoved               = "callMoved"
	ClientInitiatedTeardown = "clientInitiatedTeardown"
	LocalTeardown           = "localTeardown"
	RemoteTeardown          = "remoteTeardown"
)

// The reasons of legs that did not join a call although nothing failed.
const (
	RemoteBusy                    = "remoteBusy"
	RemoteRejected                = "remoteRejected"
	RingingTimeout                = "ringingTimeout"
	ConfirmationTimeOut           = "confirmationTimeOut"
	IncorrectPasscode             = "incorrectPasscode"
	IVRTimeout                    = "ivrTimeout"
	IVRUnknownCall                = "ivrUnknownCall"
	ParticipantLimitReached       = "participantLimitReached"
	TenantParticipantLimitReached = "tenantParticipantLimitReached"
	UnknownDestination            = "unknownDestination"
)

// The reasons of failures.
const (
	DNSFailure         = "dnsFailure"
	EncryptionRequired = "encryptionRequired"
	Error              = "error"
	Timeout            = "timeout"
)
