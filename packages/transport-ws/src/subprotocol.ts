/** What both sides call the bytes they exchange, where nothing else is asked for. */
export const defaultSubprotocols: readonly string[] = ['hawser.1']
