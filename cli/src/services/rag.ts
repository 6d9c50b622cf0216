import { join } from "node:path";
import type { DriverId } from "../drivers/driver.ts";
import { MODELS_FOLDER } from "../models/model-choice.ts";
import { identityEnvironment, identityFile } from "./identity-environment.ts";
import { pooledEnvironment, type ServiceContext, type ServiceDef } from "./service-def.ts";

/**
 * How Node runs the service: the heap is swept once it has grown by 15 %, not by several times its size, and what is new gets 2 MB. 20,000 passages
 * then take 206 MB instead of 341. No upper limit: a larger library must not end the process.
 */
export const RAG_NODE_FLAGS = ["--max-semi-space-size=2", "--heap-growing-percent=15"] as const;

/**
 * Where Node keeps the service's sources compiled: a third of a start is reading TypeScript. Node compares each entry with its source and its own digest, and goes
 * on without one that does not fit or cannot be written. A container has it from its image, whose root it cannot write.
 */
const COMPILED: Readonly<Record<DriverId, (context: ServiceContext) => string>> = {
  embedded: ({ places }) => join(places.scratch, "compiled"),
  compose: ({ staged }) => join(staged("rag"), "compiled"),
};

export const rag: ServiceDef = {
  id: "rag",
  title: "Search",
  needs: [],
  portKey: "ragPort",
  stages: ["node", "rag"],
  files: {
    "rag.key": { kind: "secret", name: "rag_key" },
    "database.password": { kind: "secret", name: "muster_rag_password" },
    ...identityFile("rag"),
  },
  installFiles: {},
  dataFolders: ["rag"],
  argv: ({ staged }) => [staged("node"), ...RAG_NODE_FLAGS, join(staged("rag"), "rag", "src", "server.ts")],
  cwd: ({ staged }) => staged("rag"),
  environment: (context) => ({
    NODE_ENV: "production",
    NODE_COMPILE_CACHE: COMPILED[context.driver](context),
    ELK_OS_HOST: context.network.listen,
    // The name that other services call it by; loopback's own names are always taken.
    ELK_OS_ALLOWED_HOSTS: context.network.hostOf("rag"),
    ELK_OS_PORT: String(context.config.ragPort),
    ELK_OS_RAG_KEY_FILE: join(context.places.files, "rag.key"),
    ELK_OS_MEMORY_DIR: context.places.memory,
    ELK_OS_LOG_DIR: context.places.log,
    ELK_OS_DOCS_DIR: context.places.docs,
    ELK_OS_CONSTITUTION_FILE: context.places.constitution,
    ELK_OS_DATABASE_HOST: context.network.hostOf("postgres"),
    ELK_OS_DATABASE_PORT: String(context.config.postgresPort),
    ELK_OS_DATABASE_NAME: "muster",
    ELK_OS_DATABASE_USER: "muster_rag",
    ELK_OS_DATABASE_PASSWORD_FILE: join(context.places.files, "database.password"),
    ...pooledEnvironment(context),
    ELK_OS_DATA_DIR: join(context.places.data, "rag"),
    // Used only where the service may not write memory and log itself: elk-os takes them in on the machine of the checkout.
    ELK_OS_WAITING_DIR: join(context.places.data, "rag", "waiting"),
    ELK_OS_MODELS_DIR: join(context.places.data, MODELS_FOLDER),
    ...identityEnvironment("rag", context),
  }),
  readiness: { kind: "identity", service: "rag" },
  readyWithinMs: 60_000,
  stop: [{ signal: "SIGTERM", graceMs: 5_000 }],
};
