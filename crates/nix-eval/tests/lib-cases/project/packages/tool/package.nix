{ lib, greeting ? "hello" }: { inherit greeting; kind = "tool"; }
