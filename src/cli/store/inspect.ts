/**
 * `broker inspect [FILE]`: what the data of a broker, or a backup, holds.
 *
 * Owns what is shown of what was asked for, and the exit code. Does not own the reading
 * (`storage/inspect.ts`) or the layout (`inspect_text.ts`, `inspect_json.ts`). Payloads are shown as
 * text only when they are asked for; whoever asks for JSON asks for everything.
 */

import { nearest } from "../../config/nearest.ts";
import { escapeControls } from "../../config/escape.ts";
import { topicMatches } from "../../protocol/topic.ts";
import type { InspectedSession, InspectedStore, Wanted } from "../../storage/offline.ts";
import { reportFailure, reportNoData } from "./store_failure.ts";
import { findStore, type StoreFlags, type StorePlace, warnOfUnused } from "./store_place.ts";
import { counted } from "../quantity_text.ts";
import { ExitCode, type Terminal, writeLines, writePieces } from "../terminal.ts";

export interface InspectOptions {
  readonly file: string | undefined;
  readonly store: StoreFlags;
  readonly sessions: boolean;
  /** A Client Identifier, as it is or as it was shown. */
  readonly session: string | undefined;
  /** A Topic Filter; true: all. */
  readonly retained: string | true | undefined;
  readonly payloads: boolean;
  readonly json: boolean;
}

/** A store, and what is shown of it. */
export interface Inspection {
  readonly store: InspectedStore;
  /** Whether a broker uses the file; undefined when that cannot be told. */
  readonly isInUse: boolean | undefined;
  readonly nowMs: number;
  readonly showsSummary: boolean;
  /** Undefined: none are shown. */
  readonly sessions: Iterable<InspectedSession> | undefined;
  /** Of the session, everything is shown. */
  readonly showsWholeSession: boolean;
  readonly showsRetained: boolean;
  readonly showsPayloads: boolean;
}

/** Reads and prints. */
export async function inspect(options: InspectOptions, terminal: Terminal): Promise<number> {
  const place = await placeOf(options, terminal);
  if (place === undefined) return ExitCode.Usage;
  const { path } = place;
  const { inspectStore, isStoreInUse } = await import("../../storage/offline.ts");
  try {
    const isInUse = isStoreInUse(path);
    const store = inspectStore(path, wantedOf(options));
    const search = new SessionSearch(store, options.session);
    const inspection = inspectionOf(options, store, search, isInUse);
    if (options.json) {
      const { inspectJson } = await import("./inspect_json.ts");
      writePieces(inspectJson(inspection), terminal.out);
    } else {
      const { inspectText } = await import("./inspect_text.ts");
      writeLines(inspectText(inspection), terminal.out);
    }
    warnOfUnused(place, "what is in the file is from before", terminal);
    return conclude(path, store, search, terminal);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return reportNoData(place, terminal);
    return await reportFailure(
      {
        cannot: `Cannot inspect '${path}'`,
        ifDamaged: "Nothing of it can be read. Is it the data of a broker, or a backup of it?",
      },
      error,
      terminal,
    );
  }
}

async function placeOf(
  { file, store }: InspectOptions,
  terminal: Terminal,
): Promise<StorePlace | undefined> {
  return file === undefined
    ? await findStore(store, terminal)
    : { path: file, isNamed: true, isUsed: true };
}

/** Nothing but what will be shown is kept in memory. */
function wantedOf(options: InspectOptions): Wanted {
  const { session, retained, json } = options;
  return {
    messagesOf: (clientIdentifier) =>
      session === undefined ? json && showsSessions(options) : isMeant(clientIdentifier, session),
    retained: (topicName) =>
      typeof retained === "string" ? topicMatches(retained, topicName) : showsRetained(options),
  };
}

/** Without a selection everything is shown; to people, what is one line each. */
function isSelection({ sessions, session, retained }: InspectOptions): boolean {
  return sessions || session !== undefined || retained !== undefined;
}

function showsSessions(options: InspectOptions): boolean {
  return options.sessions || options.session !== undefined || !isSelection(options);
}

function showsRetained(options: InspectOptions): boolean {
  return options.retained !== undefined || options.json && !isSelection(options);
}

/** What was shown on the terminal can be typed in again. */
function isMeant(clientIdentifier: string, typed: string): boolean {
  return clientIdentifier === typed || escapeControls(clientIdentifier) === typed;
}

function inspectionOf(
  options: InspectOptions,
  store: InspectedStore,
  search: SessionSearch,
  isInUse: boolean | undefined,
): Inspection {
  return {
    store,
    isInUse,
    nowMs: Date.now(),
    showsSummary: !isSelection(options),
    sessions: showsSessions(options) ? search.found() : undefined,
    showsWholeSession: options.session !== undefined,
    showsRetained: showsRetained(options),
    showsPayloads: options.payloads,
  };
}

/** The sessions that are shown: all, or the one that was asked for. */
class SessionSearch {
  readonly #store: InspectedStore;
  readonly #wanted: string | undefined;
  /** Client Identifiers of the others, as they are shown. */
  readonly #others: string[] = [];
  #hasFound = false;

  constructor(store: InspectedStore, wanted: string | undefined) {
    this.#store = store;
    this.#wanted = wanted;
  }

  *found(): Generator<InspectedSession> {
    for (const session of this.#store.sessions) {
      const { clientIdentifier } = session;
      if (this.#wanted === undefined || isMeant(clientIdentifier, this.#wanted)) {
        this.#hasFound = true;
        yield session;
      } else {
        this.#others.push(escapeControls(clientIdentifier));
      }
    }
  }

  /** Afterwards: why nothing was found; undefined when nothing special was looked for, or it was. */
  get failure(): string | undefined {
    if (this.#wanted === undefined || this.#hasFound) return undefined;
    const near = nearest(this.#wanted, this.#others);
    const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
    return `There is no session of '${this.#wanted}'${hint}`;
  }
}

/** What has to be said when everything was shown, and the exit code. */
function conclude(
  path: string,
  { damage: { rows, gaps, reason } }: InspectedStore,
  { failure }: SessionSearch,
  terminal: Terminal,
): number {
  const lines: string[] = [];
  if (failure !== undefined) lines.push(failure);
  if (rows + gaps > 0 || reason !== "") {
    lines.push(
      `'${path}' is damaged: ${reason}. Missing are ${counted(rows, "row")} and ` +
        `${counted(gaps, "gap")} of unknown length; what can be read is above`,
    );
  }
  writeLines(lines, terminal.err);
  return lines.length === 0 ? ExitCode.Ok : ExitCode.Failure;
}
