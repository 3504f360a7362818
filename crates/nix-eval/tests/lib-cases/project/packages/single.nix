{ lib, name ? "single" }: { inherit name; }
