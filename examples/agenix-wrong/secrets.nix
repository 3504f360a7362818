# Who may decrypt: read by the agenix command line.
let
  desk = "age1jpfyp73cpkzrtlt3uhg0rtzmeqlwy74lvadmftg4djgkqj9nvdwsy7jhmp";
in
{
  "secrets/github_token.age".publicKeys = [ desk ];
  "secrets/openai_api_key.age".publicKeys = [ desk ];
}
