/** A text that is not the value it should be: a duration, a quantity, a selector. The message quotes the text. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}
