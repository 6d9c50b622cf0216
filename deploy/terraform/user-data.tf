locals {
  # Readable by whoever can ask the metadata service: parameters, and no secret.
  user_data = templatefile("${path.module}/../cloud-init.yaml", {
    repository = var.repository
    ref        = var.ref
    domain     = var.domain
  })
}
