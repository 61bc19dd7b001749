/**
 * What can be asked of a running broker over its control socket, and who answers.
 *
 * Owns the refusal of what another version of this program asks. Each command is in a file of its own.
 */

import type { Configuration } from "../../config/configuration.ts";
import { nearest } from "../../config/nearest.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import { CONTROL_COMMANDS, type ControlCommand } from "../../control/items.ts";
import {
  CONTROL_PROTOCOL,
  type ControlReply,
  type ControlRequest,
} from "../../control/protocol.ts";
import { VERSION } from "../../version.ts";
import type { Persistence } from "../persistence.ts";
import type { Server } from "../server.ts";
import { kick } from "./kick.ts";
import { listClients, listSessions } from "./list_sessions.ts";
import { logLevel } from "./log_level.ts";
import { RequestArguments } from "./request_arguments.ts";
import { clearRetained, listRetained } from "./retained.ts";
import { statusItem } from "./status.ts";

/** What answers are made from. */
export interface ControlSources {
  readonly server: Server;
  readonly persistence: Pick<Persistence, "status">;
  /** What is in use now. */
  configuration(): Configuration;
  reload(): Promise<ControlReply>;
}

export class ControlCommands {
  readonly #sources: ControlSources;

  constructor(sources: ControlSources) {
    this.#sources = sources;
  }

  /** Rejects with an `Error` whose message is for who has asked. */
  async answer(request: Required<ControlRequest>, stream: AnswerStream): Promise<ControlReply> {
    const command = CONTROL_COMMANDS.find((name) => name === request.command);
    if (command === undefined) throw unknownCommand(request.command);
    if (request.protocol !== CONTROL_PROTOCOL) {
      throw new Error(
        `Cannot do '${command}': the broker that runs has version ${VERSION}, which does not ` +
          "understand this program. Restart the broker with the same program",
      );
    }
    return await this.#do(command, new RequestArguments(request.arguments), stream);
  }

  #do(
    command: ControlCommand,
    given: RequestArguments,
    stream: AnswerStream,
  ): Promise<ControlReply> {
    const { server } = this.#sources;
    switch (command) {
      case "reload":
        return this.#sources.reload();
      case "status":
        return this.#status(given, stream);
      case "clients":
        return listClients(server, given, stream);
      case "sessions":
        return listSessions(server, given, stream);
      case "kick":
        return kick(server, given, stream);
      case "retained":
        return listRetained(server, given, stream);
      case "clear-retained":
        return clearRetained(server, given, stream);
      case "log-level":
        return logLevel(server, given, stream);
    }
  }

  async #status(given: RequestArguments, stream: AnswerStream): Promise<ControlReply> {
    given.end();
    const { server, persistence, configuration } = this.#sources;
    const store = persistence.status();
    await stream.put(await statusItem({ server, configuration: configuration(), store }, stream));
    return { ok: true, lines: [] };
  }
}

function unknownCommand(name: string): Error {
  const near = nearest(name, CONTROL_COMMANDS);
  const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
  return new Error(
    `Cannot do '${name}': the broker that runs has version ${VERSION}, which knows ` +
      `${CONTROL_COMMANDS.join(", ")}${hint}. If this program is a newer one, restart the broker ` +
      "with it",
  );
}
