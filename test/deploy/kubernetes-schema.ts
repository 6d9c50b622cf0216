import { validate as deployment } from "kubernetes-models/_schemas/IoK8sApiAppsV1Deployment";
import { validate as configMap } from "kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap";
import { validate as namespace } from "kubernetes-models/_schemas/IoK8sApiCoreV1Namespace";
import { validate as claim } from "kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim";
import { validate as service } from "kubernetes-models/_schemas/IoK8sApiCoreV1Service";
import { validate as ingress } from "kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress";
import { validate as networkPolicy } from "kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy";
import { validate as disruptionBudget } from "kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget";

interface Validator {
  (data: unknown): boolean;
  errors?: readonly { readonly instancePath: string; readonly keyword: string; readonly params: unknown }[] | null;
}

/** The API's own schemas, compiled (the package kubernetes-models), for the kinds that we use. */
const VALIDATORS: Readonly<Record<string, Validator>> = {
  "apps/v1 Deployment": deployment,
  "v1 ConfigMap": configMap,
  "v1 Namespace": namespace,
  "v1 PersistentVolumeClaim": claim,
  "v1 Service": service,
  "networking.k8s.io/v1 Ingress": ingress,
  "networking.k8s.io/v1 NetworkPolicy": networkPolicy,
  "policy/v1 PodDisruptionBudget": disruptionBudget,
};

/**
 * What the API would not take of a manifest: empty when it is good. The schemas allow keys that they do not name, so a mistyped one
 * would pass; here a key that the validator never looked at is a finding, too.
 */
export function findFaults(manifest: { readonly apiVersion: string; readonly kind: string }): readonly string[] {
  const validate = VALIDATORS[`${manifest.apiVersion} ${manifest.kind}`];
  if (validate === undefined) return [`no schema for ${manifest.apiVersion} ${manifest.kind}`];
  const read = new Set<string>();
  const isValid = validate(watched(manifest, "", read));
  const wrong = isValid
    ? []
    : (validate.errors ?? []).map(
        (error) => `${error.instancePath} must be of ${error.keyword} ${JSON.stringify(error.params)}`,
      );
  return [
    ...wrong,
    ...pathsOf(manifest, "")
      .filter((path) => !read.has(path))
      .map((path) => `${path} is unknown`),
  ];
}

/** The value, noting the path of each property that somebody asks for. */
function watched(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === "symbol") return Reflect.get(target, key);
      read.add(`${path}/${key}`);
      return watched(Reflect.get(target, key), `${path}/${key}`, read);
    },
  });
}

/** Paths of all properties; below one that nobody asked for, nothing is. */
function pathsOf(value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [`${path}/${key}`, ...pathsOf(child, `${path}/${key}`)]);
}
