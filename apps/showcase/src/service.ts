import { clientStream, duplex, oneway, serverStream, service, unary } from '@hawser/schema'
import type { Line } from './meter.js'

/** What can be said of a text. */
export interface Statistics {
  readonly lines: number
  readonly words: number
  /** UTF-16 code units. */
  readonly characters: number
  /** The first of the longest words. */
  readonly longest: string
}

/** A line that holds what was searched for. */
export interface Match {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** What the server does with texts: at least one method of each kind of call. */
export const Texts = service('showcase.Texts', {
  measure: unary<{ text: string }, Statistics>(),
  read: unary<{ file: string }, { text: string }>(),
  search: serverStream<{ words: string }, Match>(),
  measurePieces: clientStream<{ piece: string }, Statistics>(),
  countLines: duplex<{ piece: string }, Line>(),
  /** Notifies the caller of each file as it is counted: `showcase.Counted` with `{ file, words }`. */
  countAll: unary<Record<string, never>, { files: number; words: number }>(),
  /** Has the words of each file counted by calls of its own, over the transport named. */
  compare: unary<{ files: readonly string[]; over: string }, { counts: readonly Counted[] }>(),
  count: unary<{ file: string }, Counted>(),
  /** Goes through the texts line by line, over and over. */
  follow: serverStream<{ id: string }, { line: string }>(),
  /** Searches for what is not there, until it is told to stop. */
  ponder: unary<{ id: string }, never>(),
  /** Leaves a word under an id. */
  note: oneway<{ id: string; word: string }>(),
  /** The word left under an id, as soon as it is there: by `note`, or by how `follow` and `ponder` ended. */
  noted: unary<{ id: string }, { word: string }>(),
})

/** The words of one file, and the time that was left to the call that counted them. */
export interface Counted {
  readonly file: string
  readonly words: number
  readonly remainingMs: number
}
