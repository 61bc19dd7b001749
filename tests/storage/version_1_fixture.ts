/**
 * A file as the program made it whose format had version 1: its statements in SQL, for tests of what
 * becomes of old data.
 *
 * Owns nothing that outlives a test. The bytes were written by that program: they are never made anew.
 */

import { OLD_TABLES } from "./old_tables.ts";
import { DatabaseSync } from "node:sqlite";

/** Times in it are of this clock: 1,000,000 of the broker's clock then. */
export const VERSION_1_OFFSET_MS = 1_700_000_000_000;

const SESSION_WITH_WILL = "28040000000040774b410000a44affbc78420003616e6e0500000000004ced40" +
  "000877696c6c2f6f6e6505180000003c676f6e658c795f72";

/**
 * - "one", of "ann", MQTT 3.1.1, left at 1,000,000 for an hour, with a Will, one subscription, an
 *   inbound Packet Identifier, one message in flight and one queued, which "two" waits for as well.
 * - "two", a bridge that was connected and never expires, with a shared subscription and its message.
 */
const STATEMENTS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA application_id = 1297175636;
  PRAGMA user_version = 1;
  ${OLD_TABLES}
  INSERT INTO session VALUES (1, 'one', x'${SESSION_WITH_WILL}');
  INSERT INTO session VALUES (2, 'two', x'1005000000000000f07f000000000000f87ff82a3af3');
  INSERT INTO subscription VALUES (1, 1, 'a/#', x'0eac02e67fb39c');
  INSERT INTO subscription VALUES (2, 2, '$share/g/b/+', x'0100000167117d325d');
  INSERT INTO message VALUES (1, x'090000c4eb06bd78420003612f31020101746f20626f74680c0f269e');
  INSERT INTO outgoing VALUES (1, 1, 1, 0, 0, 4218009092, x'01000ef27fd2');
  INSERT INTO outgoing VALUES (2, 2, 1, 0, 0, 3958272823, x'0100ebd04a5a');
  INSERT INTO outgoing VALUES (3, 1, 0, 12, 1, 2444286791, x'0200020003612f320073656e745d04acc1');
  INSERT INTO outgoing VALUES (4, 2, 0, 0, 0, 182778065,
    x'0d0105000c2473686172652f672f622f2b010003622f31007069636b65644fe4b885');
  INSERT INTO inbound VALUES (65543, 433596562);
  INSERT INTO retained VALUES (1, 'r/1', x'010003722f31006b65707434161813');
`;

/** Makes the file. */
export function makeVersion1(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(STATEMENTS);
  } finally {
    database.close();
  }
}
