/**
 * What an import has carried over, changed and left out, in words.
 *
 * Owns the wording. A line stands for many things of a kind: a million messages make no long report.
 */

import type { DatabaseFile } from "./database_file.ts";
import type { DatabaseIndex } from "./database_index.ts";
import type { Tally } from "./transfer.ts";

export interface DatabaseReport {
  /** Of the layout of `mosquitto.db`: 6 of Mosquitto 2, 5 of Mosquitto 1.6, less of older ones. */
  readonly fileVersion: number;
  readonly retained: number;
  readonly sessions: number;
  readonly subscriptions: number;
  /** Messages that wait to be sent. */
  readonly queued: number;
  /** Messages that were sent and not acknowledged. */
  readonly inflight: number;
  /** QoS 2 messages that came and were not released. */
  readonly inbound: number;
  /** What is there but not as it was; one line each. */
  readonly changed: readonly string[];
  /** What mattered and is not there; one line each. */
  readonly lost: readonly string[];
  /** What the user may want to do first, or again; one line each. */
  readonly hints: readonly string[];
}

type Line = false | string;

export function reportOf(
  file: DatabaseFile,
  index: DatabaseIndex,
  tally: Tally,
): DatabaseReport {
  const { sessions, retained, queued, inflight, inbound } = tally;
  return {
    fileVersion: file.version,
    retained,
    sessions,
    subscriptions: index.subscriptionCount,
    queued,
    inflight,
    inbound,
    changed: changes(index, tally),
    lost: losses(index, tally),
    hints: hints(file),
  };
}

function changes(index: DatabaseIndex, { expired, inbound }: Tally): string[] {
  const { expiredSessions, bridges, usernames, messages } = index;
  const unwanted = messages.countUnwanted();
  return linesOf([
    expiredSessions > 0 && `${some(expiredSessions, "session")} had expired: left out`,
    expired > 0 && `${some(expired, "message")} had expired: left out`,
    inbound > 0 && `${some(inbound, "QoS 2 message")} had not been released by the publisher: ` +
      "passed on to the subscribers now, not when the publisher comes back",
    usernames.doubtful > 0 &&
    `${
        some(usernames.doubtful, "session")
      } had a User Name that Mosquitto 2.0 may not have saved ` +
      "right: the next client with the same Client Identifier gets the session, whatever its user",
    unwanted > 0 && `${some(unwanted, "message")} belonged to no stored session and no retained ` +
      "topic: left out",
    ...bridges.map((name) => `session '${name}' is that of a bridge: left out`),
  ]);
}

function losses(index: DatabaseIndex, { qos0 }: Tally): string[] {
  const { orphans, missing, unknownChunks, invalidSubscriptions } = index;
  return linesOf([
    qos0 > 0 && `${some(qos0, "queued message")} of QoS 0 (queue_qos0_messages): only those of ` +
      "QoS 1 and 2 outlive a restart of the broker",
    missing > 0 && `${some(missing, "reference")} to messages that are not in the file`,
    orphans > 0 && `${some(orphans, "entry", "entries")} of clients that are not in the file`,
    unknownChunks > 0 && `${some(unknownChunks, "entry", "entries")} of a kind that is not known`,
    ...invalidSubscriptions.map((why) => `subscription to ${why}`),
  ]);
}

function hints({ path, config }: DatabaseFile): string[] {
  return linesOf([
    !config.savedAtShutdown &&
    `Mosquitto wrote '${path}' while it was running and may know more by now: stop it ` +
      "(sudo systemctl stop mosquitto), which writes the file, and import again",
  ]);
}

function linesOf(lines: readonly Line[]): string[] {
  return lines.filter((line) => line !== false);
}

function some(count: number, what: string, plural = `${what}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? what : plural}`;
}
