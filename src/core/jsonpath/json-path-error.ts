/** A JSONPath that cannot be read, or that does not fit the data. The message quotes the path and says where. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}
