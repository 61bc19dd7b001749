/**
 * What the main thread and the worker say to each other. Bytes are transferred, not copied.
 */

import type { RepairReport } from "./repair.ts";
import type { FileCounters } from "./store_file.ts";
import type { Damage } from "./table_reader.ts";

export type ToWorker =
  /**
   * The first message. With `mustLoad` the file is opened and read: answered by chunks and `opened`,
   * or `unopened`. Without, there was no file, and it is made with the first batch. `unusable`: why
   * it may only be read.
   */
  | {
    readonly kind: "open";
    readonly path: string;
    readonly mustLoad: boolean;
    readonly unusable: string | undefined;
  }
  /** Answered by `committed` or `lost`, and before that maybe by `writeFailed`. */
  | { readonly kind: "commit"; readonly batch: Uint8Array<ArrayBuffer> }
  /** Answered by `closed`. A batch that cannot be written is given up. */
  | { readonly kind: "close" };

export type FromWorker =
  | { readonly kind: "chunk"; readonly chunk: Uint8Array<ArrayBuffer> }
  /** The file turned out to be damaged: the chunks up to here do not count. */
  | { readonly kind: "startAgain" }
  | { readonly kind: "opened"; readonly opened: OpenedReport }
  /**
   * It cannot be written now; tried again with a batch. `damage`: what was left out of it when it was
   * read; undefined: it cannot be read either.
   */
  | { readonly kind: "unopened"; readonly reason: string; readonly damage: Damage | undefined }
  | { readonly kind: "committed"; readonly counters: FileCounters }
  | { readonly kind: "writeFailed"; readonly reason: string }
  /** The file cannot be used any more: the next batch has to hold everything. */
  | { readonly kind: "lost" }
  /** A new file with that batch is in its place; `committed` follows. */
  | { readonly kind: "replaced"; readonly repair: RepairReport }
  | { readonly kind: "closed" }
  /** Our own mistake: the worker has ended. Nothing more is written. */
  | { readonly kind: "failed"; readonly reason: string };

export interface OpenedReport {
  readonly isNew: boolean;
  readonly repair: RepairReport | undefined;
  readonly counters: FileCounters;
}
