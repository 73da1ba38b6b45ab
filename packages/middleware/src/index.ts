/**
 * Middleware.
 *
 * @module
 */
export {}
