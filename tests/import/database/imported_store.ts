/**
 * A store that was imported, as short lines that a test can compare.
 *
 * Owns the folder with the source and the store for as long as the test runs.
 */

import {
  type DatabaseImport,
  importDatabase,
  type ImportedDatabase,
} from "../../../src/import/database/import_database.ts";
import { inspectStore } from "../../../src/storage/offline.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import type { DatabaseBuilder } from "./database_fixture.ts";

/** Unix milliseconds of every import that says nothing else. */
export const NOW_MS = 1_700_000_000_000;

const PLAIN = { nowMs: NOW_MS, usersAreProven: true };

export interface DescribedSession {
  readonly subscriptions: readonly string[];
  /** In the order in which the client gets it: "3 a/b=payload qos 1", with its Packet Identifier. */
  readonly outgoing: readonly string[];
  readonly inbound: readonly number[];
}

export interface DescribedStore {
  readonly sessions: Readonly<Record<string, DescribedSession>>;
  readonly retained: readonly string[];
}

export interface Imported extends DescribedStore {
  readonly report: ImportedDatabase;
  /** What `describe` does not say. */
  readonly inspected: ReturnType<typeof inspectAll>;
}

/** Imports what `builder` has built and looks into the store. */
export async function importBuilt(
  builder: DatabaseBuilder,
  options: Partial<DatabaseImport> = {},
): Promise<Imported> {
  using folder = temporaryFolder();
  const source = `${folder.path}/mosquitto.db`;
  const target = `${folder.path}/broker.db`;
  builder.save(source);
  const report = await importDatabase({ ...PLAIN, source, target, ...options });
  const inspected = inspectAll(target);
  return { ...describe(inspected), report, inspected };
}

function inspectAll(path: string) {
  const { sessions, retained, damage } = inspectStore(path);
  return { sessions: [...sessions], retained: [...retained], damage };
}

export function describeStore(path: string): DescribedStore {
  return describe(inspectAll(path));
}

function describe({ sessions, retained }: ReturnType<typeof inspectAll>): DescribedStore {
  const decoder = new TextDecoder();
  const text = (payload: Uint8Array) => decoder.decode(payload);
  const described = sessions.map((session): [string, DescribedSession] => [
    session.clientIdentifier,
    {
      subscriptions: session.subscriptions.map((each) =>
        [
          `${each.topicFilter} qos ${each.qos}`,
          each.noLocal ? "no local" : "",
          each.retainAsPublished ? "retain as published" : "",
          each.identifier > 0 ? `identifier ${each.identifier}` : "",
        ].filter((part) => part !== "").join(", ")
      ).sort(),
      outgoing: session.outgoing.map((each) =>
        [
          `${each.packetIdentifier} ${each.topicName}=${text(each.payload)} qos ${each.qos}`,
          each.released ? "released" : "",
          each.retain ? "retain" : "",
          each.subscriptionIdentifiers.length > 0 ? `for ${each.subscriptionIdentifiers}` : "",
          each.sharedFilter ?? "",
        ].filter((part) => part !== "").join(", ")
      ),
      inbound: [...session.inboundPacketIdentifiers].sort((one, other) => one - other),
    },
  ]);
  return {
    sessions: Object.fromEntries(described),
    retained: retained.map(({ topicName, payload, qos, retain }) =>
      `${topicName}=${text(payload)} qos ${qos}${retain ? "" : " not retained"}`
    ).sort(),
  };
}
