/**
 * The command hawser: call, pull, list, ping and bench from a terminal.
 *
 * @module
 */
export {}
