variable "repository" {
  description = "Where the machine clones Muster from, without a login: https."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9._/-]+$", var.repository))
    error_message = "repository must be an https URL without user, password or query: the machine's user data is no place for a secret."
  }
}

variable "ref" {
  description = "What is installed: a release tag (v1.2.3) or a commit of 40 hex digits. A branch moves, and is refused."
  type        = string

  validation {
    condition     = can(regex("^(v[0-9]+\\.[0-9]+\\.[0-9]+([-.][0-9A-Za-z.]+)?|[0-9a-f]{40})$", var.ref))
    error_message = "ref must be a release tag like v1.2.3 or a whole commit."
  }
}

variable "name" {
  description = "Begins the name of everything that is made."
  type        = string
  default     = "muster"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name must be lower-case letters, digits and dashes, at most 31, a letter first."
  }
}

variable "domain" {
  description = "Name at which strangers read the portal, with a certificate by ACME; its DNS record is yours to make. Empty: no port is open."
  type        = string
  default     = ""

  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "domain must be a whole domain name in lower case, or empty."
  }
}

variable "instance_type" {
  description = "An arm64 type of 2 GB or more: the portal is built on the machine."
  type        = string
  default     = "t4g.small"

  validation {
    condition     = can(regex("^[a-z]+[0-9]+g[a-z]*\\.[a-z0-9]+$", var.instance_type))
    error_message = "instance_type must be of a Graviton family (t4g, m7g, c8g, ...): Muster's box is arm64."
  }

  validation {
    condition     = !can(regex("\\.(nano|micro)$", var.instance_type))
    error_message = "instance_type has less than 2 GB: building the portal there does not end."
  }
}

variable "ami_id" {
  description = "Image of the machine; unset takes the newest Debian 12 for arm64 at the first apply and stays with it."
  type        = string
  default     = null

  validation {
    condition     = var.ami_id == null || can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "ami_id must be like ami-0123456789abcdef0."
  }
}

variable "subnet_id" {
  description = "Subnet of the machine; unset takes one of the default VPC."
  type        = string
  default     = null

  validation {
    condition     = var.subnet_id == null || can(regex("^subnet-[0-9a-f]{8,17}$", var.subnet_id))
    error_message = "subnet_id must be like subnet-0123456789abcdef0."
  }
}

variable "disk_gb" {
  description = "Size of the only volume in GiB, encrypted."
  type        = number
  default     = 16

  validation {
    condition     = var.disk_gb >= 12 && var.disk_gb <= 1024 && floor(var.disk_gb) == var.disk_gb
    error_message = "disk_gb must be a whole number from 12 to 1024: runtimes, build and swap take about 9."
  }
}

variable "ssh_cidrs" {
  description = "Networks that may reach SSH. None unless named."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.ssh_cidrs : can(cidrhost(cidr, 0))])
    error_message = "ssh_cidrs must be networks like 203.0.113.7/32."
  }

  validation {
    condition     = !contains(var.ssh_cidrs, "0.0.0.0/0") && !contains(var.ssh_cidrs, "::/0")
    error_message = "ssh_cidrs must not be the whole world."
  }
}

variable "key_name" {
  description = "Name of an EC2 key pair that may log in. Unset: nobody."
  type        = string
  default     = null
}

variable "keep_address" {
  description = "Keep one public address while the machine is stopped. It is billed all month; unset, each start has another."
  type        = bool
  default     = false
}
