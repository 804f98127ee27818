package wire

// Why a leg that was in its call ended, when nothing was wrong.
const (
	APIInitiatedTeardown    = "apiInitiatedTeardown"
	CallDeactivated         = "callDeactivated"
	CallEnded               = "callEnded"
	CallMoved               = "callMoved"
	ClientInitiatedTeardown = "clientInitiatedTeardown"
	LocalTeardown           = "localTeardown"
	RemoteTeardown          = "remoteTeardown"
)

// Why a leg did not come into a call, though nothing broke.
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

// What broke.
const (
	DNSFailure         = "dnsFailure"
	EncryptionRequired = "encryptionRequired"
	Error              = "error"
	Timeout            = "timeout"
)
