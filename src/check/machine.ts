/**
 * What the probes of `broker check` ask of the machine: files, accounts, addresses, ports, memory,
 * the clock.
 *
 * Owns the questions only; `this_machine.ts` answers them, and the tests have machines of their own.
 * Invariant: no question changes anything.
 */

export type FileKind = "file" | "folder" | "link" | "socket" | "other";

/** What the file system says about a path itself, links not followed. */
export interface FileFacts {
  readonly kind: FileKind;
  /** Of user and group; null where the system has none. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** The lower twelve bits. */
  readonly mode: number;
  /** Number of the device that it is on. */
  readonly device: number;
  readonly sizeBytes: number;
  /** Unix milliseconds. */
  readonly changedAtMs: number;
  /** Of a link. */
  readonly target: string | undefined;
}

/** Why there are no facts: it is not there, or who asks may not look. */
export type NoFacts = "missing" | "denied";

export interface NetworkInterface {
  readonly name: string;
  readonly address: string;
}

export interface FileSystem {
  /** What Linux calls `f_type`. */
  readonly type: number;
  /** For users other than root. */
  readonly freeBytes: number;
}

export interface MemoryFacts {
  readonly totalBytes: number;
  /** What can be had without swapping. */
  readonly availableBytes: number;
  /** Of the control group; undefined when there is none, or it cannot be told. */
  readonly limitBytes: number | undefined;
}

/** A port that could be listened on; or why not. */
export type PortAttempt =
  | { readonly outcome: "free"; close(): void }
  | { readonly outcome: "in use" | "not permitted" | "no such address" | "unknown host" }
  | { readonly outcome: "failed"; readonly reason: string };

/** Who answers at a Unix socket: somebody, nobody, or somebody who may not be asked. */
export type SocketAnswer = "answers" | "nobody" | "denied";

/** What a broker says of itself; or it does not, nobody listens, or who asks may not. */
export type BrokerAnswer =
  | {
    readonly processId: number;
    /** Absolute; null: it has none. */
    readonly configurationFile: string | null;
    readonly endpoints: readonly string[];
  }
  | "silent"
  | "nobody"
  | "denied";

export interface Machine {
  /** As in `Deno.build.os`. */
  readonly system: string;
  /** Who asks; undefined where users have no numbers. */
  readonly userId: number | undefined;
  /** Unix milliseconds. */
  nowMs(): number;
  hostName(): string;
  interfaces(): readonly NetworkInterface[];
  /** `address`: an IP address or a host name. What is free is listened on until it is closed. */
  tryPort(address: string, port: number): PortAttempt;
  trySocket(path: string): Promise<SocketAnswer>;
  /** Asks the broker with this control socket for its status. */
  askBroker(controlPath: string): Promise<BrokerAnswer>;
  look(path: string): FileFacts | NoFacts;
  /** Throws what the file system throws, and an Error for what is no regular file. */
  read(path: string): Uint8Array;
  /** The first bytes of a file; throws as `read` does. */
  readStart(path: string, length: number): Uint8Array;
  /** Names in a folder; none when it is not there or may not be read. */
  list(folder: string): readonly string[];
  /** Undefined when it cannot be told. */
  fileSystemOf(path: string): FileSystem | undefined;
  /** Whether nothing can be written in this folder, whoever tries. */
  isReadOnly(folder: string): boolean;
  /** Undefined when it cannot be told. */
  memory(): MemoryFacts | undefined;
  /** How many of `count` more files this process can open; undefined when that takes too long. */
  openableFiles(count: number): number | undefined;
  /** Whether a broker uses the store; undefined when that cannot be told. */
  isStoreInUse(path: string): boolean | undefined;
  /** Whether `node:tls` can serve (Deno 2.9 and later). */
  hasNodeTls(): boolean;
}
