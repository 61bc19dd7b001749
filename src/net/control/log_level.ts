/**
 * `log-level`: shows and changes the levels of the running log, until it is configured anew.
 */

import type { LogPart } from "../../config/settings.ts";
import { LOG_LEVELS } from "../../config/rows_logging.ts";
import { nearest } from "../../config/nearest.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { ControlReply } from "../../control/protocol.ts";
import { LOG_PARTS } from "../../log/configure.ts";
import { runningLevels, setRunningLevel } from "../../log/levels.ts";
import { getLogger } from "../../log/logger.ts";
import type { Server } from "../server.ts";
import type { RequestArguments } from "./request_arguments.ts";

/** Changes what `level` and `part` say, if they do, and answers with the levels that hold then. */
export async function logLevel(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const level = oneOf("level", given.text("level"), LOG_LEVELS);
  const part = oneOf("part of the log", given.text("part"), LOG_PARTS) as LogPart | undefined;
  given.end();
  if (level !== undefined) {
    getLogger("server").info("Log level of {part}: {level} ('broker log-level')", {
      part: part ?? "all parts",
      level,
    });
    setRunningLevel(level, part);
    // Packets are traced, or not any more, from now on.
    server.events.tick(server.nowMs());
  }
  const levels = Object.entries(runningLevels()).map(([name, value]) => [name, value ?? null]);
  await stream.put({ levels: Object.fromEntries(levels) });
  return { ok: true, lines: [] };
}

/** Throws an `Error` that says what is allowed. */
function oneOf<Name extends string>(
  what: string,
  name: string | undefined,
  allowed: readonly Name[],
): Name | undefined {
  if (name === undefined) return undefined;
  const known = allowed.find((each) => each === name);
  if (known !== undefined) return known;
  const near = nearest(name, allowed);
  const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
  throw new Error(`Cannot use the ${what} '${name}': allowed is ${allowed.join(", ")}${hint}`);
}
