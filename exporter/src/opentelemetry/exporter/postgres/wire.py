"""protobuf wire reader"""
