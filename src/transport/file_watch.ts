/**
 * Tells when files may have changed: by the notifications of the system, and by looking once a
 * minute where those do not come (network file systems, folders that are replaced whole).
 *
 * Owns the watchers and timers. Folders are watched and not files: files are replaced by renaming,
 * and certbot replaces links. Whether anything did change is for the one who is told to find out.
 */

import { dirname } from "node:path";

/** A new certificate and its key come one after the other: it is waited for that nothing comes. */
const SETTLE_MS = 1000;
const POLL_MS = 60_000;

export class FileWatch {
  readonly #paths: readonly string[];
  readonly #changed: () => void;
  readonly #poll: ReturnType<typeof setInterval>;
  #watcher: Deno.FsWatcher | undefined;
  #watched = "";
  #settle: ReturnType<typeof setTimeout> | undefined;

  /** Calls `changed` until `close`; never two times in a second. */
  constructor(paths: readonly string[], changed: () => void) {
    this.#paths = paths;
    this.#changed = changed;
    this.#poll = setInterval(() => this.#look(), POLL_MS);
    this.#watch();
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#settle);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #look(): void {
    this.#watch();
    this.#changed();
  }

  /** Watches the folders as they are now; links may lead elsewhere than before. */
  #watch(): void {
    const folders = foldersOf(this.#paths);
    if (folders.join("\n") === this.#watched) return;
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = folders.join("\n");
    if (folders.length === 0) return;
    try {
      this.#watcher = Deno.watchFs(folders, { recursive: false });
      void this.#follow(this.#watcher);
    } catch {
      this.#watched = ""; // The next look tries again.
    }
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const { kind } of watcher) {
      if (watcher !== this.#watcher) return; // What waited while it was closed.
      if (kind === "access") continue;
      clearTimeout(this.#settle);
      this.#settle = setTimeout(() => this.#look(), SETTLE_MS);
    }
  }
}

/** The folders of the paths, and of the files that they lead to; those that exist. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    folders.add(dirname(path));
    try {
      folders.add(dirname(Deno.realPathSync(path)));
    } catch {
      // It is missing for now.
    }
  }
  return [...folders].filter(isFolder).sort();
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
