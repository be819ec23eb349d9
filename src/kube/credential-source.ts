export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** What a request needs besides its URL. Secret: never logged. */
export interface Credentials {
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

export interface CredentialSource {
  /** `fresh` skips every cache: the server has just refused what the cache holds. */
  get(options?: { readonly fresh?: boolean }): Promise<Credentials>;
}
