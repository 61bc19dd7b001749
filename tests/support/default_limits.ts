/**
 * The limits of a broker without a configuration file, for tests that build a core of their own.
 */

import type { BrokerLimits } from "../../src/broker/limits.ts";
import { defaultSettings } from "../../src/config/read.ts";
import { brokerLimits } from "../../src/net/limits.ts";

export const DEFAULT_LIMITS: BrokerLimits = brokerLimits(defaultSettings());
