/**
 * A stream of bytes to one peer, whatever carries it.
 */

export interface Transport {
  /** For people: "192.168.1.7:51234", "[fe80::1]:51234" or the path of a Unix socket. */
  readonly remoteAddress: string;
  /** Bytes read into the start of `buffer`; null at the end of the stream. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Bytes taken, which may be fewer than were given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Says that nothing more will be written. */
  closeWrite(): Promise<void>;
  close(): void;
}
