let
  sources = import ./pins;
in
import sources.nixpkgs {
  overlays = [ (final: prev: { greeting = prev.hello; }) ];
}
