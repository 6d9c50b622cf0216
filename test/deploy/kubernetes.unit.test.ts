/** The manifests against the API's schemas, the service definitions and compose.yaml. No cluster is asked. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { configSchema } from "../../cli/src/config/schema.ts";
import { containerContext } from "../../cli/src/drivers/compose/container-layout.ts";
import type { DriverFoundation } from "../../cli/src/drivers/index.ts";
import { getService } from "../../cli/src/services/index.ts";
import { CHECKOUT, deployFile } from "./deploy-files.ts";
import { findFaults } from "./kubernetes-schema.ts";

const IDS = ["directus", "rag", "portal"] as const;
const FOLDER = join(CHECKOUT, "deploy", "kubernetes");
/** What every replica of one instance is told, by a ConfigMap that is made beside the manifests. */
const OF_THE_INSTANCE = ["ELK_OS_INSTANCE_ID", "ELK_OS_VERSION", "ELK_OS_BUILD"];
/**
 * elk-os writes doctor's report on the machine where it runs, and that is none of the cluster's; there it takes waiting writes in, too, and a pod's folder ends
 * with the pod, so there a write is refused rather than promised.
 */
const OF_ONE_MACHINE = ["ELK_OS_DOCTOR_REPORT_FILE", "ELK_OS_WAITING_DIR"];

const config = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i", postgresPort: 5432 });

const probe = z.looseObject({ exec: z.object({ command: z.array(z.string()) }), periodSeconds: z.number() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  workingDir: z.string(),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })),
  ports: z.tuple([z.object({ name: z.literal("http"), containerPort: z.number(), protocol: z.literal("TCP") })]),
  startupProbe: probe,
  readinessProbe: probe,
  livenessProbe: probe,
  resources: z.object({
    requests: z.object({ cpu: z.string(), memory: z.string(), "ephemeral-storage": z.string() }),
    limits: z.object({ memory: z.string(), "ephemeral-storage": z.string() }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal("ALL")]) }),
  }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const deployment = z.looseObject({
  kind: z.literal("Deployment"),
  spec: z.looseObject({
    replicas: z.number().min(2),
    template: z.looseObject({
      spec: z.strictObject({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.literal(1000),
          runAsGroup: z.literal(1000),
          fsGroup: z.literal(1000),
          fsGroupChangePolicy: z.literal("OnRootMismatch"),
          seccompProfile: z.strictObject({ type: z.literal("RuntimeDefault") }),
        }),
        topologySpreadConstraints: z.array(z.looseObject({})).min(1),
        containers: z.tuple([container]),
        volumes: z.array(z.looseObject({ name: z.string() })),
      }),
    }),
  }),
});
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

const kustomization = parse(deployFile("kubernetes", "kustomization.yaml")) as { resources: string[] };
const FILES = [...kustomization.resources, "examples/ingress.yaml"];
const manifests = (file: string) =>
  parseAllDocuments(deployFile("kubernetes", file)).map((document) => document.toJS() as Manifest);
const ALL = FILES.flatMap((file) =>
  manifests(file).map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const),
);
function find(kind: string, name: string): Manifest {
  const found = ALL.find(([title]) => title === `${kind} ${name}`)?.[1];
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}
const podOf = (id: string) => deployment.parse(find("Deployment", `muster-${id}`)).spec.template.spec;

/** The context of a pod: that of a container of compose.yaml, in another network. */
function contextOf(id: (typeof IDS)[number]) {
  const paths = { instance: "/nowhere/instance.json", run: "/r" };
  const foundation = { config, version: "v", build: "b", checkout: CHECKOUT, paths } as unknown as DriverFoundation;
  const inner = { subnet: "10.0.0.0/28", addresses: {} } as unknown as Parameters<typeof containerContext>[2];
  const doorHosts = ["127.0.0.1"] as const;
  const network = {
    listen: "0.0.0.0",
    doorHosts,
    hostOf: (other: string) => `muster-${other}`,
    peers: [],
    sockets: null,
  };
  return { ...containerContext(foundation, getService(id), inner), network };
}

describe("every manifest", () => {
  test.each(ALL)("%s is what the API takes", (_, manifest) => {
    expect(findFaults(manifest)).toEqual([]);
  });

  test("is part of the kustomization, or an example", () => {
    const found = readdirSync(FOLDER, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".yaml"));
    expect(found.sort()).toEqual([...FILES, "kustomization.yaml"].sort());
  });

  test("names secrets and holds none", () => {
    expect(ALL.filter(([, { kind }]) => kind === "Secret")).toEqual([]);
    for (const [title, { data = {} }] of ALL)
      for (const [key, value] of Object.entries(data))
        if (/PASSWORD|SECRET|TOKEN|KEY/.test(key)) expect(`${title} ${key}=${value}`).toMatch(/_FILE=\/run\/muster\//);
  });

  test("a wrong type and a mistyped key are seen", () => {
    const wrong = structuredClone(find("PodDisruptionBudget", "muster-rag")) as {
      spec: Record<string, unknown>;
    } & Manifest;
    wrong.spec["minAvailabel"] = 1;
    expect(findFaults(wrong)).toEqual(["/spec/minAvailabel is unknown"]);
    expect(findFaults({ ...wrong, spec: { minAvailable: true } } as Manifest).join()).toContain(
      "/spec/minAvailable must be",
    );
  });
});

describe.each(IDS)("the pods of %s", (id) => {
  const service = getService(id);
  const context = contextOf(id);
  const pod = podOf(id);
  const [only] = pod.containers;

  // That they are closed is the schema above; parsing is the proof.
  test("run what the definition says, with its environment and no more", () => {
    expect(only.command).toEqual(service.argv(context));
    expect(only.workingDir).toBe(service.cwd(context));
    const { HOME, TMPDIR, LANG, TZ, ...environment } = find("ConfigMap", `muster-${id}-environment`).data ?? {};
    expect([HOME, TMPDIR, LANG, TZ]).toEqual(["/tmp", "/tmp", "C.UTF-8", "UTC"]);
    const wanted = Object.entries(service.environment(context));
    const elsewhere = [...OF_THE_INSTANCE, ...OF_ONE_MACHINE];
    expect(environment).toEqual(Object.fromEntries(wanted.filter(([name]) => !elsewhere.includes(name))));
    expect(only.envFrom.map(({ configMapRef }) => configMapRef.name)).toEqual([
      `muster-${id}-environment`,
      "muster-instance",
    ]);
  });

  test("get the definition's files, each in its place, from a Secret of their own", () => {
    const files = pod.volumes.find(({ name }) => name === "files")?.["projected"] as {
      sources: Record<"secret" | "configMap", { name: string; items: { key: string; path: string }[] } | undefined>[];
    };
    const sources = files.sources.flatMap(({ secret, configMap }) =>
      [secret, configMap].flatMap(
        (source) => source?.items.map(({ path }) => [path, source === secret ? "secret" : "text"]) ?? [],
      ),
    );
    const wanted = Object.entries(service.files).map(([name, { kind }]) => [name, kind === "text" ? "text" : "secret"]);
    expect(sources.sort()).toEqual(wanted.sort());
    expect(files.sources[0]?.secret?.name).toBe(`muster-${id}`);
    expect(only.volumeMounts).toContainEqual({ name: "files", mountPath: context.places.files, readOnly: true });
  });

  test("are asked who they are, as the containers of compose.yaml are", () => {
    const compose = parse(readFileSync(join(CHECKOUT, "compose.yaml"), "utf8"), { merge: true }) as {
      "x-identity": string[];
      services: Record<string, { image: string; stop_grace_period: string }>;
    };
    const command = compose["x-identity"].slice(1).map((word) => word.replaceAll("$$", "$"));
    for (const probe of [only.startupProbe, only.readinessProbe, only.livenessProbe])
      expect(probe.exec.command.map((word) => word.trim())).toEqual(command);
    expect(`${pod.terminationGracePeriodSeconds}s`).toBe(compose.services[id]?.stop_grace_period);
  });

  test("have the memory of compose.yaml's containers, and a pinned image", () => {
    const limit = { directus: config.limitDirectusMb, rag: config.limitRagMb, portal: config.limitPortalMb }[id];
    expect(only.resources.limits.memory).toBe(`${limit}Mi`);
    expect(only.image).toMatch(/:\d+\.\d+\.\d+$/);
    if (id === "directus") expect(only.image).toBe(config.imageDirectus);
  });

  test("are reached at the definition's port, by those who call them, and one is always there", () => {
    const port = config[service.portKey];
    expect(only.ports[0].containerPort).toBe(port);
    const selector = { "app.kubernetes.io/name": `muster-${id}` };
    expect(find("Service", `muster-${id}`).spec).toMatchObject({ selector, ports: [{ port, targetPort: "http" }] });
    expect(find("PodDisruptionBudget", `muster-${id}`).spec).toEqual({
      minAvailable: 1,
      selector: { matchLabels: selector },
    });
    const policy = find("NetworkPolicy", `muster-${id}`).spec as { ingress: { ports: { port: number }[] }[] };
    expect(policy.ingress.flatMap(({ ports }) => ports.map((open) => open.port))).toEqual([port]);
  });
});

test("what no policy names is not let through", () => {
  expect(find("NetworkPolicy", "muster-nothing").spec).toEqual({
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
  });
});

test("the namespace refuses a pod that is not closed", () => {
  const labels = (find("Namespace", "muster").metadata as unknown as { labels: Record<string, string> }).labels;
  expect(labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
});

test("the example leads to ports that exist", () => {
  const { rules } = find("Ingress", "muster").spec as {
    rules: { http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[];
  };
  const backends = rules.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service));
  expect(backends.map(({ name }) => name)).toEqual(["muster-portal", "muster-directus"]);
  for (const { name, port } of backends)
    expect((find("Service", name).spec["ports"] as { name: string }[]).map((open) => open.name)).toContain(port.name);
});
