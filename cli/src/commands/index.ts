import { agentAdd } from "./agent-add.ts";
import { agentSuspend } from "./agent-suspend.ts";
import { backupCreate, backupList, backupVerify } from "./backup-verbs.ts";
import { boardGraph } from "./board-graph.ts";
import { boardLog } from "./board-log.ts";
import { boardReplay } from "./board-replay.ts";
import { boardStats } from "./board-stats.ts";
import { BOARD_VERBS } from "./board-verbs.ts";
import { boardWatch } from "./board-watch.ts";
import { bundleExport, bundleImport } from "./bundle-verbs.ts";
import type { Command } from "./command.ts";
import { completion } from "./completion.ts";
import { config } from "./config.ts";
import { doctor } from "./doctor.ts";
import { down } from "./down.ts";
import { EVENTS } from "./events.ts";
import { failover } from "./failover.ts";
import { idle } from "./idle.ts";
import { logAppend, logTail, logVerify } from "./log-verbs.ts";
import { logs } from "./logs.ts";
import { memoryEdit } from "./memory-edit.ts";
import { memoryConflicts, memoryLint } from "./memory-inspect.ts";
import { memoryNew } from "./memory-new.ts";
import { memorySupersede } from "./memory-supersede.ts";
import { plan } from "./plan.ts";
import { portalSnapshot } from "./portal-snapshot.ts";
import { RAG_MODEL } from "./rag-model.ts";
import { ragTake } from "./rag-take.ts";
import { ragRebuild, ragStatus, ragVerify } from "./rag-verbs.ts";
import { RECEIPTS } from "./receipts.ts";
import { reset } from "./reset.ts";
import { restore } from "./restore.ts";
import { rollback } from "./rollback.ts";
import { search } from "./search.ts";
import { SECRET_VERBS } from "./secrets-verbs.ts";
import { singlePhase } from "./single-phase.ts";
import { stage } from "./stage.ts";
import { status } from "./status.ts";
import { supportBundle } from "./support-bundle.ts";
import { test } from "./test.ts";
import { uninstall } from "./uninstall.ts";
import { up } from "./up.ts";
import { upgrade } from "./upgrade.ts";
import { version } from "./version.ts";
import { wire } from "./wire.ts";

/** Every verb, in the order that help shows: the phases, then looking, then housekeeping. */
export const COMMANDS: readonly Command[] = [
  up,
  singlePhase(
    "init",
    "Make the state folder, the secrets and the record of settings",
    "Never replaces a secret that exists.",
  ),
  singlePhase(
    "migrate",
    "Apply the board's schema and law, then Directus's metadata, roles and settings",
    "Refuses edited or unknown migrations. A second run changes nothing.",
  ),
  singlePhase("seed", "Load the profile's rows", "In one transaction, by natural key; unchanged seeds are left alone."),
  wire,
  doctor,
  plan,
  stage,
  status,
  idle,
  logs,
  supportBundle,
  down,
  reset,
  uninstall,
  backupCreate,
  backupList,
  backupVerify,
  restore,
  failover,
  upgrade,
  rollback,
  bundleExport,
  bundleImport,
  ...SECRET_VERBS,
  agentAdd,
  agentSuspend,
  ...BOARD_VERBS,
  boardGraph,
  boardLog,
  boardWatch,
  boardReplay,
  boardStats,
  ...RECEIPTS,
  ...EVENTS,
  search,
  ragStatus,
  ragVerify,
  ragRebuild,
  ragTake,
  ...RAG_MODEL,
  memoryNew,
  memoryEdit,
  memorySupersede,
  memoryConflicts,
  memoryLint,
  logAppend,
  logTail,
  logVerify,
  portalSnapshot,
  config,
  completion,
  version,
  test,
];
