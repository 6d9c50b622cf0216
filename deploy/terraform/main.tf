data "aws_ami" "debian" {
  most_recent = true
  # Debian's own account.
  owners = ["136693071363"]

  filter {
    name   = "name"
    values = ["debian-12-arm64-*"]
  }

  filter {
    name   = "architecture"
    values = ["arm64"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}

data "aws_ec2_instance_type" "box" {
  instance_type = var.instance_type
}

data "aws_subnet" "box" {
  count = var.subnet_id == null ? 0 : 1
  id    = var.subnet_id
}

data "aws_vpc" "default" {
  count   = var.subnet_id == null ? 1 : 0
  default = true
}

resource "aws_security_group" "box" {
  name        = var.name
  description = "Muster: the web, when it has a name, and SSH from where it was asked for"
  vpc_id      = var.subnet_id == null ? data.aws_vpc.default[0].id : data.aws_subnet.box[0].vpc_id

  tags = {
    Name = var.name
  }
}

# 80 as well: ACME asks there, and browsers are sent on to 443.
resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each = {
    for name, rule in {
      "http4"  = { port = 80, cidr_ipv4 = "0.0.0.0/0", cidr_ipv6 = null }
      "http6"  = { port = 80, cidr_ipv4 = null, cidr_ipv6 = "::/0" }
      "https4" = { port = 443, cidr_ipv4 = "0.0.0.0/0", cidr_ipv6 = null }
      "https6" = { port = 443, cidr_ipv4 = null, cidr_ipv6 = "::/0" }
    } : name => rule if var.domain != ""
  }

  security_group_id = aws_security_group.box.id
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr_ipv4
  cidr_ipv6         = each.value.cidr_ipv6
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each = toset(var.ssh_cidrs)

  security_group_id = aws_security_group.box.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = strcontains(each.value, ":") ? null : each.value
  cidr_ipv6         = strcontains(each.value, ":") ? each.value : null
}

# Packages, the repository and ACME are fetched from many addresses.
resource "aws_vpc_security_group_egress_rule" "out4" {
  security_group_id = aws_security_group.box.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "out6" {
  security_group_id = aws_security_group.box.id
  ip_protocol       = "-1"
  cidr_ipv6         = "::/0"
}

resource "aws_instance" "box" {
  ami                         = coalesce(var.ami_id, data.aws_ami.debian.id)
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [aws_security_group.box.id]
  key_name                    = var.key_name
  associate_public_ip_address = true
  user_data                   = local.user_data
  # `poweroff` on the machine ends what it costs but its disk.
  instance_initiated_shutdown_behavior = "stop"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  # Past its credits it is slow and not dear.
  credit_specification {
    cpu_credits = "standard"
  }

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.disk_gb
    encrypted             = true
    delete_on_termination = false

    tags = {
      Name = var.name
    }
  }

  tags = {
    Name = var.name
  }

  lifecycle {
    # A newer image would replace the machine and its board; the user data speaks to the first boot only (docs/deploy.md: another release).
    ignore_changes = [ami, user_data]

    precondition {
      condition     = contains(data.aws_ec2_instance_type.box.supported_architectures, "arm64")
      error_message = "instance_type ${var.instance_type} is not arm64."
    }

    precondition {
      condition     = data.aws_ec2_instance_type.box.memory_size >= 2048
      error_message = "instance_type ${var.instance_type} has less than 2 GB: building the portal there does not end."
    }

    precondition {
      condition     = length(local.user_data) < 16384
      error_message = "The user data is longer than EC2 takes."
    }
  }
}

resource "aws_eip" "box" {
  count    = var.keep_address ? 1 : 0
  domain   = "vpc"
  instance = aws_instance.box.id

  tags = {
    Name = var.name
  }
}
