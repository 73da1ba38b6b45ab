/**
 * Topics: publish to many subscribers, and pull as one of them.
 *
 * @module
 */
export {}
