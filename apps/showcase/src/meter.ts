import type { Line, Statistics } from './service.js'

/** Measures a text that comes in pieces, wherever they were cut. */
export class TextMeter {
  #line = 1
  #characters = 0
  #words = 0
  #wordsBefore = 0
  #word = ''
  #longest = ''
  #lineHasText = false

  /** Takes the next piece and returns the lines it completed. */
  push(piece: string): Line[] {
    const lines: Line[] = []
    this.#characters += piece.length
    for (const part of piece.split(/(\s)/)) {
      if (!/^\s$/.test(part)) {
        this.#word += part
        this.#lineHasText ||= part !== ''
        continue
      }
      this.#endWord()
      if (part === '\n') lines.push(this.#endLine())
      else this.#lineHasText = true
    }
    return lines
  }

  /** The last line, when the text does not end with a line break. */
  end(): Line[] {
    this.#endWord()
    return this.#lineHasText ? [this.#endLine()] : []
  }

  /** What was found; to be asked after `end`. */
  get statistics(): Statistics {
    return {
      lines: this.#line - 1,
      words: this.#words,
      characters: this.#characters,
      longest: this.#longest,
    }
  }

  #endWord(): void {
    if (this.#word === '') return
    this.#words++
    if (this.#word.length > this.#longest.length) this.#longest = this.#word
    this.#word = ''
  }

  #endLine(): Line {
    const line = { line: this.#line++, words: this.#words - this.#wordsBefore }
    this.#wordsBefore = this.#words
    this.#lineHasText = false
    return line
  }
}
