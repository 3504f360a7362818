# Modules of Home Manager, one for each case.
{
  client-off = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh.command = "gh-mcp";
    programs.claude-code.enableMcpIntegration = true;
  };
  disabled-server = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; disabled = true; };
    programs.mcp.servers.b.command = "b";
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  msn-and-shared = _: {
    programs.mcp.servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; };
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.programs.github = { enable = true; envFile = "/run/secrets/gh.env"; };
    programs.opencode = { enable = true; enableMcpIntegration = true; };
  };
  msn-both = _: {
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.programs.github = { enable = true; envFile = "/run/secrets/gh.env"; passwordCommand.GITHUB_PERSONAL_ACCESS_TOKEN = [ "cat" "/run/secrets/gh" ]; };
  };
  msn-env-file = _: {
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.programs.github = { enable = true; envFile = "/run/secrets/gh.env"; };
  };
  msn-off = _: {
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.programs.github = { enable = false; envFile = "/run/secrets/gh.env"; };
    mcp-servers.programs.fetch.enable = true;
  };
  msn-password-command = _: {
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.programs.github = { enable = true; passwordCommand.GITHUB_PERSONAL_ACCESS_TOKEN = [ "cat" "/run/secrets/gh" ]; };
  };
  msn-settings = _: {
    programs.mcp.enable = true;
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    mcp-servers.settings.servers.x = { command = "x"; env.X = "y"; };
    mcp-servers.programs.fetch.enable = true;
  };
  not-enabled-server = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.a = { command = "a"; enabled = false; };
    programs.mcp.servers.b.command = "b";
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  own-and-shared = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; mcpServers.x = { command = "x"; }; };
  };
  own-antigravity = _: {
    programs.antigravity-cli = { enable = true; mcpServers.x = { command = "x"; }; };
  };
  own-claude = _: {
    programs.claude-code = { enable = true; mcpServers.x = { command = "x"; env.API_TOKEN = "\${X_TOKEN}"; }; };
  };
  own-claude-shell = _: {
    programs.claude-code = { enable = true; mcpServers.x = { command = "bash"; args = [ "-c" "W_TOKEN=$(cat /run/secrets/w) exec x" ]; }; };
  };
  own-claude-substitution = _: {
    programs.claude-code = { enable = true; mcpServers.x = { command = "x"; args = [ "--token" "$(cat /run/secrets/w)" ]; }; };
  };
  own-codex = _: {
    programs.codex = { enable = true; settings.mcp_servers.x = { command = "x"; env_vars = [ "X_TOKEN" ]; }; };
  };
  own-copilot = _: {
    programs.github-copilot-cli = { enable = true; mcpServers.x = { command = "x"; env.X_TOKEN.file = "/run/secrets/x"; }; };
  };
  own-crush = _: {
    programs.crush = { enable = true; settings.mcp.x = { type = "stdio"; command = "x"; env.X_TOKEN = "$(cat /run/secrets/x)"; }; };
  };
  own-opencode-header = _: {
    programs.opencode = { enable = true; settings.mcp.x = { type = "remote"; url = "https://x.example"; headers.Authorization = "Bearer {file:/run/secrets/x}"; }; };
  };
  own-opencode-off = _: {
    programs.opencode = { enable = true; settings.mcp.x = { type = "local"; command = [ "x" ]; enabled = false; environment.X_TOKEN = "{file:/run/secrets/x}"; }; };
  };
  own-opencode-two-files = _: {
    programs.opencode = { enable = true; settings.mcp.x = { type = "local"; command = [ "x" ]; environment.X_TOKEN = "{file:/run/secrets/x}"; environment.Y_TOKEN = "{file:/run/secrets/y}"; }; };
  };
  own-takes-precedence = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; };
    programs.opencode = { enable = true; enableMcpIntegration = true; settings.mcp.b = { type = "local"; command = [ "b" ]; environment.B_TOKEN = "{file:/run/secrets/b}"; }; };
  };
  own-wrapper = { pkgs, ... }: {
    programs.mcp.enable = true;
    programs.mcp.servers.w.command = "${pkgs.writeShellScript "w" "export W_TOKEN=$(cat /run/secrets/w);
    exec w"}";
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  shared-and-shell = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.s = { command = "bash"; args = [ "-c" "W_TOKEN=$(cat /run/secrets/w) exec x" ]; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    programs.codex = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-antigravity = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.antigravity-cli = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-claude = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-codex = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.codex = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-copilot = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.github-copilot-cli = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-crush = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.crush = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-of-all = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; env.OTHER_TOKEN.file = "/run/secrets/other token"; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    programs.opencode = { enable = true; enableMcpIntegration = true; };
    programs.codex = { enable = true; enableMcpIntegration = true; };
    programs.crush = { enable = true; enableMcpIntegration = true; };
  };
  shared-file-opencode = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.opencode = { enable = true; enableMcpIntegration = true; };
  };
  shared-header-claude-and-opencode = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.r = { url = "https://r.example"; headers.Authorization = "Bearer {file:/run/secrets/r}"; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
    programs.opencode = { enable = true; enableMcpIntegration = true; };
  };
  shared-header-opencode = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.r = { url = "https://r.example"; headers.Authorization = "Bearer {file:/run/secrets/r}"; };
    programs.opencode = { enable = true; enableMcpIntegration = true; };
  };
  shared-off = _: {
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  two-servers = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.a = { command = "a"; env.A_TOKEN.file = "/run/secrets/a"; };
    programs.mcp.servers.b = { command = "b"; args = [ "--x" ]; };
    programs.claude-code = { enable = true; enableMcpIntegration = true; };
  };
  without-integration = _: {
    programs.mcp.enable = true;
    programs.mcp.servers.gh = { command = "gh-mcp"; env.GITHUB_TOKEN.file = "/run/secrets/gh"; };
    programs.claude-code.enable = true;
  };
}
