import {
  clientStream,
  double,
  duplex,
  exception,
  field,
  type Infer,
  i32,
  list,
  oneway,
  serverStream,
  service,
  string,
  struct,
  unary,
} from '@hawser/schema'

/** What can be said of a text: lines, words, UTF-16 code units, and the first of the longest words. */
export const Statistics = struct('showcase.Statistics', {
  lines: field(1, i32),
  words: field(2, i32),
  characters: field(3, i32),
  longest: field(4, string),
})
export type Statistics = Infer<typeof Statistics>

/** A line that holds what was searched for; lines are counted from 1. */
export const Match = struct('showcase.Match', {
  file: field(1, string),
  line: field(2, i32),
  text: field(3, string),
})
export type Match = Infer<typeof Match>

/** A line that is complete; lines are counted from 1. */
export const Line = struct('showcase.Line', { line: field(1, i32), words: field(2, i32) })
export type Line = Infer<typeof Line>

/** The words of one file, and the time that was left to the call that counted them. */
export const Counted = struct('showcase.Counted', {
  file: field(1, string),
  words: field(2, i32),
  remainingMs: field(3, double),
})
export type Counted = Infer<typeof Counted>

/** Sent to who has all texts counted, for each as it is done. */
export const Progress = struct('showcase.Progress', { file: field(1, string), words: field(2, i32) })

/** Published to who pulls the topic `/words`. */
export const News = struct('showcase.News', { id: field(1, string), word: field(2, string) })

/** There is no text of that name, among so many. */
export const NoText = exception(
  'showcase.NoText',
  { message: field(1, string), file: field(2, string), texts: field(3, i32) },
  { code: 'not_found' },
)

const Text = struct('showcase.Text', { text: field(1, string) })
const File = struct('showcase.File', { file: field(1, string) })
const Words = struct('showcase.Words', { words: field(1, string) })
const Piece = struct('showcase.Piece', { piece: field(1, string) })
const Everything = struct('showcase.Everything', {})
const Totals = struct('showcase.Totals', { files: field(1, i32), words: field(2, i32) })
const Comparison = struct('showcase.Comparison', { files: field(1, list(string)), over: field(2, string) })
const Counts = struct('showcase.Counts', { counts: field(1, list(Counted)) })
const Id = struct('showcase.Id', { id: field(1, string) })
const Note = struct('showcase.Note', { id: field(1, string), word: field(2, string) })
const Telling = struct('showcase.Telling', { id: field(1, string), words: field(2, list(string)) })
const Word = struct('showcase.Word', { word: field(1, string) })
const AnyLine = struct('showcase.AnyLine', { line: field(1, string) })

/** What the server does with texts: at least one method of each kind of call. */
export const Texts = service('showcase.Texts', {
  toText: unary(i32, string),
  measure: unary(Text, Statistics),
  read: unary(File, Text, { errors: { 1: NoText } }),
  search: serverStream(Words, Match),
  measurePieces: clientStream(Piece, Statistics),
  countLines: duplex(Piece, Line),
  /** Notifies the caller of each file as it is counted: `showcase.Progress`. */
  countAll: unary(Everything, Totals),
  /** Has the words of each file counted by calls of its own, over the transport named. */
  compare: unary(Comparison, Counts),
  count: unary(File, Counted),
  /** Goes through the texts line by line, over and over. */
  follow: serverStream(Id, AnyLine),
  /** Searches for what is not there, until it is told to stop. */
  ponder: unary(Id, undefined),
  /** Leaves a word under an id. */
  note: oneway(Note),
  /** Publishes words to the topic `/words`, one after the other. */
  tell: unary(Telling, undefined),
  /** The word left under an id, as soon as it is there: by `note`, or by how `follow` and `ponder` ended. */
  noted: unary(Id, Word),
})

/** The types of what the server sends by itself. */
export const notices = { [Progress.name]: Progress }
