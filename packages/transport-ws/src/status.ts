// The status codes of RFC 6455 section 7.4 and its registry that are told apart here.
// Each by itself: bundlers put the number where the name stands.

export const normal = 1000
export const goingAway = 1001
export const unsupportedData = 1003
export const none = 1005
export const abnormal = 1006
export const tooBig = 1009
/** A page may close with 1000 and those from 3000 on only: its word for 1003. */
export const textRefused = 4003
