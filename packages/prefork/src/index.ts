/**
 * Process models: one server as threads, processes, prefork or one loop.
 *
 * @module
 */
export {}
