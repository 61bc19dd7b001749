/**
 * `explain` on the command line: its names, its help, and what is missing.
 */

import type { Command } from "commander";
import { addCommand, type CommandContext, configBefore, once, toQoS } from "./command_context.ts";

/** What commander collects for `explain`. */
interface ExplainFlags {
  readonly config?: string;
  readonly client?: string;
  readonly user?: string;
  readonly group?: readonly string[];
  readonly from?: string;
  readonly listener?: string;
  readonly qos?: number;
}

const HELP =
  `Says yes, no, or in part, and which rule, file and line decided. Asks no broker: it reads the files.
Ends with 0 when it is allowed, with 1 when it is not, with 2 when the question is wrong.

Examples:
  broker explain -c broker.yaml --client lamp --user ann publish sensors/ann/1
  broker explain -c broker.yaml --client lamp --from 203.0.113.7 subscribe 'home/#'`;

export function addExplain(context: CommandContext): void {
  const program: Command = context.program;
  addCommand(
    context,
    "explain [action] [topic]",
    "say whether a client may publish or subscribe, and which rule decides",
    HELP,
  )
    .usage("[options] publish|subscribe <topic>")
    .option("-c, --config <file>", "the configuration to look at", once)
    .option("--client <id>", "the Client Identifier", once)
    .option("--user <name>", "the user name; without it, the client is anonymous", once)
    .option(
      "--group <name>",
      "a group that its token or another program gives it; repeatable",
      collect,
    )
    .option("--from <ip>", "the address it comes from (default: 127.0.0.1)", once)
    .option("--listener <name>", "the listener it comes in by (default: the first)", once)
    .option("--qos <qos>", "the QoS, 0 to 2 (default: 0)", toQoS)
    .action(async (action: string | undefined, topic: string | undefined, flags: ExplainFlags) => {
      const config = configBefore(program) ?? flags.config;
      if (config === undefined) {
        program.error("error: 'explain' needs a configuration, as in '--config broker.yaml'");
      }
      if (flags.client === undefined) {
        program.error("error: 'explain' needs a client, as in '--client lamp'");
      }
      if ((action !== "publish" && action !== "subscribe") || !topic) {
        program.error("error: 'explain' needs 'publish' or 'subscribe', and a topic");
      }
      const { explain } = await import("./explain.ts");
      context.done(
        await explain({
          config,
          action,
          topic,
          clientIdentifier: flags.client,
          username: flags.user,
          groups: flags.group ?? [],
          address: flags.from,
          listener: flags.listener,
          qos: flags.qos ?? 0,
        }, context.terminal),
      );
    });
}

function collect(name: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, name];
}
