output "instance_id" {
  description = "For `aws ec2 stop-instances` and `start-instances`."
  value       = aws_instance.box.id
}

output "address" {
  description = "Public address of now; another one after each start, unless keep_address is set."
  value       = var.keep_address ? aws_eip.box[0].public_ip : aws_instance.box.public_ip
}

output "image" {
  description = "Image that the machine was made from; set ami_id to it to make the same again."
  value       = aws_instance.box.ami
}

output "volume_id" {
  description = "The volume with the board. It is kept when the machine is destroyed, and goes on costing its size."
  value       = aws_instance.box.root_block_device[0].volume_id
}
